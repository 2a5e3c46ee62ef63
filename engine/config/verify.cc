#include "engine/config/verify.h"

#include "base/address.h"
#include "base/organization.h"
#include "base/text.h"
#include "engine/config/checks.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <ranges>

namespace hongyan::config {
namespace {

// "+" and the longest tag (engine/identity) fit behind it.
constexpr std::size_t kMostTaggedLocal = 19;

void verify_relay(const std::string& key, const Relay& relay, Report& report) {
  if (!relay.username.empty() && !relay.password.is_set())
    report.add(key, "has a `username` but no `password_file`");
  const bool optional_tls = relay.tls == TlsMode::kOff || relay.tls == TlsMode::kOpportunistic;
  if (relay.implicit_tls && optional_tls)
    report.add(key, "has `implicit_tls`, which needs `tls` = \"required\" or \"verified\"");
  if (relay.port == 465 && optional_tls)
    report.add(key,
               "has port 465, where TLS begins with the first byte: `tls` must be "
               "\"required\" or \"verified\"");
}

template <class Map>
std::string did_you_mean(const std::string& name, const Map& known) {
  const auto keys = std::views::keys(known);
  const auto near = nearest(name, std::vector<std::string>(keys.begin(), keys.end()));
  return near ? "did you mean `" + *near + "`?" : "";
}

void lower_all(std::vector<std::string>& texts) {
  for (std::string& text : texts) text = ascii_lower(text);
}

void verify_dkim(const std::string& channel, std::vector<DkimKey>& keys, Report& report) {
  std::map<std::string, std::size_t> seen;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    DkimKey& one = keys[i];
    const std::string key = channel + ".dkim[" + std::to_string(i) + "]";
    if (one.domain.empty() || one.selector.empty()) continue;
    if (auto domain = parse_domain(one.domain)) {
      one.domain = std::move(*domain);
    } else {
      report.add(key + ".domain", "is no domain that can sign: " + domain.error().detail);
    }
    one.selector = ascii_lower(one.selector);
    const std::string record = one.selector + "._domainkey." + one.domain;
    if (record.size() > kMaxDomain)
      report.add(key + ".selector", "is too long: no DNS name has more than 255 bytes");
    if (const auto [at, fresh] = seen.emplace(record, i); !fresh)
      report.add(key + ".selector",
                 "names the same key as dkim[" + std::to_string(at->second) + "]");
  }
}

void verify_channels(Fleet& fleet, Report& report) {
  for (auto& [name, channel] : fleet.channels) {
    const std::string key = "channel." + name;
    if (channel.sources.empty() && report.places.contains(key + ".sources"))
      report.add(key + ".sources", "is empty; at least one source is needed");
    for (const std::string& source : channel.sources)
      if (!fleet.sources.contains(source))
        report.add(key + ".sources", "names `" + source + "`, which is no [source.NAME]",
                   did_you_mean(source, fleet.sources));
    // Each source takes an even share of them.
    if (channel.connections > 0 && channel.connections < static_cast<int>(channel.sources.size()))
      report.add(key + ".connections", "is less than the number of its sources; each needs one");
    // RFC 5321 4.5.3.1.1: a local part has at most 64 octets.
    if ((channel.verp || channel.unsubscribe_mail) &&
        channel.envelope_sender.rfind('@') > kMostTaggedLocal)
      report.add(key + ".envelope_sender", "has more than " + std::to_string(kMostTaggedLocal) +
                                               " characters before the @; `verp` needs the room");
    if (channel.message_id_domain.empty())
      channel.message_id_domain =
          channel.envelope_sender.substr(channel.envelope_sender.rfind('@') + 1);
    verify_dkim(key, channel.dkim, report);
    if (!channel.retry.empty() && channel.retry.front() > channel.retry_expiry)
      report.add(key + ".retry_expiry", "is shorter than the first wait of `retry`");
  }
}

void verify_providers(Fleet& fleet, Report& report) {
  std::map<std::string, std::string> owners;
  for (auto& [name, provider] : fleet.providers) {
    const std::string key = "provider." + name;
    lower_all(provider.mx);
    if (provider.title.empty()) provider.title = name;
    if (provider.mx.empty())
      report.add(key, "has no `mx`; at least one host or suffix is needed",
                 "a new provider needs `mx`; is the name misspelt?");
    for (const std::string& pattern : provider.mx)
      if (const auto [at, fresh] = owners.emplace(pattern, name); !fresh)
        report.add(key + ".mx", "has " + pattern + ", which `" + at->second + "` has already");
  }
}

void verify_routes(Fleet& fleet, Report& report) {
  std::map<std::string, std::size_t> seen;
  for (std::size_t i = 0; i < fleet.routes.size(); ++i) {
    StaticRoute& route = fleet.routes[i];
    const std::string key = "route[" + std::to_string(i) + "]";
    route.domain = ascii_lower(route.domain);
    if (!route.provider.empty() && !fleet.providers.contains(route.provider))
      report.add(key + ".provider", "is `" + route.provider + "`, which is no provider",
                 did_you_mean(route.provider, fleet.providers));
    if (const auto [at, fresh] = seen.emplace(route.domain, i); !fresh && !route.domain.empty())
      report.add(key + ".domain", "is routed already by route[" + std::to_string(at->second) + "]");
  }
}

// Mail that engines write themselves: who pays, how it leaves, from whom. The address of `from`,
// when it can send.
struct OwnMail {
  std::string table;
  const std::string& tenant;
  const std::string& channel;
  const char* from_key;
  std::string& from;
};

std::optional<Address> verify_own_mail(const Fleet& fleet, OwnMail mail, Report& report) {
  const auto tenant = fleet.tenants.find(mail.tenant);
  if (!mail.tenant.empty() && tenant == fleet.tenants.end())
    report.add(mail.table + ".tenant", "is `" + mail.tenant + "`, which is no [tenant.NAME]",
               did_you_mean(mail.tenant, fleet.tenants));
  if (!mail.channel.empty() && !fleet.channels.contains(mail.channel))
    report.add(mail.table + ".channel", "is `" + mail.channel + "`, which is no [channel.NAME]",
               did_you_mean(mail.channel, fleet.channels));
  if (mail.from.empty()) return std::nullopt;
  const std::string key = mail.table + mail.from_key;
  auto from = parse_address(mail.from);
  if (!from) {
    report.add(key, "is no address that can send: " + from.error().detail);
    return std::nullopt;
  }
  mail.from = from->normalised();
  if (tenant != fleet.tenants.end() && !is_among(from->domain, tenant->second.from_domains))
    report.add(key, "is in `" + from->domain + "`, which is none of tenant `" + mail.tenant +
                        "`'s `from_domains`");
  return *std::move(from);
}

void verify_notices(Fleet& fleet, Report& report) {
  if (!fleet.mailbox.notify) return;
  MailboxNotices& notify = *fleet.mailbox.notify;
  verify_own_mail(fleet, {"mailbox.notify", notify.tenant, notify.channel, ".from", notify.from},
                  report);
}

void verify_tls_reporting(Fleet& fleet, Report& report) {
  if (!fleet.tls_rpt) return;
  TlsReporting& settings = *fleet.tls_rpt;
  const auto contact = verify_own_mail(
      fleet, {"tls_rpt", settings.tenant, settings.channel, ".contact", settings.contact}, report);
  const auto channel = fleet.channels.find(settings.channel);
  if (contact && channel != fleet.channels.end() &&
      std::ranges::none_of(channel->second.dkim,
                           [&](const DkimKey& key) { return aligns(key.domain, contact->domain); }))
    report.add("tls_rpt.channel",
               "is `" + settings.channel + "`, which has no DKIM key of `" + contact->domain +
                   "`; unsigned reports are ignored",
               "RFC 8460 3; hongyan dkim keygen --domain " + contact->domain);
}

void verify_proxy(const std::string& source, const Source& settings, Report& report) {
  if (settings.proxy.empty()) return;
  if (settings.address.empty())
    report.add(source + ".proxy", "has to be told the address that it connects from",
               "give the source its `address`");
  if (settings.proxy.ends_with(":0"))
    report.add(source + ".proxy", "is `" + settings.proxy + "`, and nobody listens on port 0");
}

template <class Listener>
void verify_certificate(const std::string& table, const Listener& listener, Report& report) {
  if (listener.certificate_file.empty() != listener.key_file.empty())
    report.add(table + (listener.key_file.empty() ? ".certificate_file" : ".key_file"),
               "needs `certificate_file` and `key_file` both");
}

std::expected<std::string, std::string> variable(const std::string& name) {
  const char* const found = std::getenv(name.c_str());
  if (found == nullptr) return std::unexpected("names " + name + ", which is not set");
  return found;
}

void verify_engine_id(std::string& id, const std::string& host_name, Report& report) {
  if (id.starts_with(kEnvironment)) {
    const std::string name = id.substr(kEnvironment.size());
    auto value = variable(name);
    if (!value) return report.add("engine.id", value.error());
    id = *std::move(value);
    if (const std::string wrong = check_name(id); !wrong.empty())
      report.add("engine.id", "is what " + name + " holds, and " + wrong);
  } else if (id.empty()) {
    id = host_name;
    if (const std::string wrong = check_name(id); !wrong.empty())
      report.add("engine.id", "is the host's name, and " + wrong, "give the engine an `id`");
  }
}

std::expected<std::string, std::string> value_of(const Secret& secret,
                                                 const std::filesystem::path& folder) {
  std::string value;
  if (secret.in_environment()) {
    auto found = variable(secret.place().substr(kEnvironment.size()));
    if (!found) return found;
    value = *std::move(found);
  } else {
    std::ifstream file(folder / secret.place(), std::ios::binary);
    if (!file) return std::unexpected("names " + secret.place() + ", which cannot be read");
    value.assign(std::istreambuf_iterator<char>(file), {});
    while (value.ends_with('\n') || value.ends_with('\r')) value.pop_back();
  }
  if (value.empty()) return std::unexpected("names " + secret.place() + ", which is empty");
  return value;
}

void read_secret(Secret& secret, const std::string& key, const std::filesystem::path& folder,
                 Report& report) {
  if (!secret.is_set()) return;
  if (auto value = value_of(secret, folder)) {
    secret.set_value(std::move(*value));
  } else {
    report.add(secret.in_environment() ? key : key + "_file", value.error());
  }
}

}  // namespace

void verify_fleet(Fleet& fleet, Report& report) {
  for (auto& [name, tenant] : fleet.tenants) {
    lower_all(tenant.from_domains);
    if (tenant.from_domains.empty() && report.places.contains("tenant." + name + ".from_domains"))
      report.add("tenant." + name + ".from_domains", "is empty; at least one domain is needed");
  }
  for (const auto& [name, source] : fleet.sources) verify_proxy("source." + name, source, report);
  for (const auto& [name, source] : fleet.sources)
    if (source.relay) {
      verify_relay("source." + name + ".relay", *source.relay, report);
      if (!source.warmup_start.empty())
        report.add("source." + name + ".warmup_start",
                   "is of a source that sends through a relay, whose address receivers judge");
    }
  verify_channels(fleet, report);
  verify_providers(fleet, report);
  verify_routes(fleet, report);
  verify_tls_reporting(fleet, report);
  verify_notices(fleet, report);
  for (const auto& [name, one] : fleet.oauth2)
    if (one.token_url.empty())
      report.add("oauth2." + name, "has no `token_url`",
                 did_you_mean(name, std::map<std::string, int>{{"google", 0}, {"microsoft", 0}}));
  if (fleet.retention.ledger < fleet.retention.jobs)
    report.add("retention.ledger", "is shorter than `retention.jobs`");
}

void verify_local(Local& local, const Fleet& fleet, const Surroundings& surroundings,
                  Report& report) {
  local.folder = surroundings.folder.string();
  EngineSettings& engine = local.engine;
  verify_engine_id(engine.id, surroundings.host_name, report);
  verify_certificate("public", local.public_pages, report);
  verify_certificate("inbound", local.inbound, report);
  if (!local.vault.key_file.empty() && !local.vault.passphrase_file.empty())
    report.add("vault.passphrase_file",
               "is given beside `key_file`, and only one key can be current",
               "name the older one in `previous_key_files` or `previous_passphrase_files`");
  if (!local.mailbox_hook.url.empty() && !local.mailbox_hook.secret.is_set())
    report.add("mailbox_hook.secret_file", "is missing: what is told is signed",
               "put 32 random bytes as text into a file that only the engine's user may read");
  if (local.inbound.host.empty()) local.inbound.host = surroundings.host_name;
  lower_all(local.inbound.addresses);
  if (engine.workers == 0) engine.workers = std::max(1, surroundings.cores);
  const auto may_use = [&](const Source& source) {
    return source.engines.empty() || is_among(engine.id, source.engines);
  };
  local.sources_here.clear();
  for (const auto& [name, source] : fleet.sources)
    if (may_use(source) && (engine.sources.empty() || is_among(name, engine.sources)))
      local.sources_here.push_back(name);
  for (const std::string& name : engine.sources) {
    const auto at = fleet.sources.find(name);
    if (at == fleet.sources.end()) {
      report.add("engine.sources", "names `" + name + "`, which is no [source.NAME]",
                 did_you_mean(name, fleet.sources));
    } else if (!may_use(at->second)) {
      report.add("engine.sources",
                 "names `" + name + "`, whose `engines` do not name `" + engine.id + "`");
    }
  }
}

void read_secrets(Config& config, const Surroundings& surroundings, Report& report) {
  const auto& folder = surroundings.folder;
  read_secret(config.local.redis.password, "redis.password", folder, report);
  read_secret(config.local.http.bearer_token, "http.bearer_token", folder, report);
  read_secret(config.local.mailbox_hook.secret, "mailbox_hook.secret", folder, report);
  for (const std::string& name : config.local.sources_here) {
    auto& relay = config.fleet.sources.at(name).relay;
    if (relay) read_secret(relay->password, "source." + name + ".relay.password", folder, report);
  }
  for (auto& [name, one] : config.fleet.oauth2)
    read_secret(one.client_secret, "oauth2." + name + ".client_secret", folder, report);
}

}  // namespace hongyan::config
