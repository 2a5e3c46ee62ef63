#include "cli/check_network.h"

#include "cli/starttls_probe.h"
#include "dns/blocking_lookup.h"
#include "engine/check/dkim_rules.h"
#include "engine/core/routing.h"
#include "engine/dkim/choose.h"

#include <algorithm>
#include <filesystem>

namespace hongyan::cli {
namespace {

// Nobody waits minutes for a check.
constexpr Millis kPatience{3000};
constexpr Millis kProbePatience{10'000};

// Addresses that say nothing to receivers: they see another one.
bool is_hidden(const IpAddress& address) {
  const auto kind = special_kind(address);
  return kind && (*kind == "private" || *kind == "loopback" || *kind == "link-local" ||
                  *kind == "unspecified");
}

check::Identity identity_of(const NetworkOptions& options, const job::Job& job,
                            const config::Channel& channel, const config::Fleet& fleet) {
  check::Identity identity;
  identity.from_domain = job.from.domain;
  identity.envelope_sender = channel.envelope_sender;
  if (const auto envelope = parse_address(channel.envelope_sender))
    identity.envelope_domain = envelope->domain;
  for (const std::string& name : channel.sources) {
    const auto at = fleet.sources.find(name);
    if (at == fleet.sources.end()) continue;
    const config::Source& source = at->second;
    check::Egress egress{name, source.ehlo, source.relay ? source.relay->host : "", std::nullopt};
    if (const auto seen = options.seen_as.find(name); seen != options.seen_as.end())
      egress.address = seen->second;
    else if (const auto own = IpAddress::parse(source.address); own && !source.relay)
      if (!is_hidden(*own)) egress.address = *own;
    identity.sources.push_back(std::move(egress));
  }
  return identity;
}

// The keys that the engines will sign this campaign with.
std::vector<check::SigningKey> keys_of(const config::Channel& channel, const std::string& from,
                                       const config::Local* local) {
  std::vector<std::string> domains;
  for (const config::DkimKey& one : channel.dkim) domains.push_back(one.domain);
  const std::string signs = dkim::signing_domain(domains, from);
  std::vector<check::SigningKey> keys;
  for (const config::DkimKey& one : channel.dkim) {
    if (one.domain != signs) continue;
    check::SigningKey key{one.domain, one.selector, "", ""};
    if (local == nullptr)
      key.unread = "engines read it from " + one.key + "; --config with their file compares it";
    else if (const auto loaded = dkim::load_key(std::filesystem::path(local->folder) / one.key))
      key.record = loaded->record();
    else
      key.unread = one.key + " " + loaded.error().detail;
    keys.push_back(std::move(key));
  }
  return keys;
}

void check_sender(const check::Identity& identity, const config::Channel& channel,
                  const config::Local* local, dns::Lookup& dns, check::Findings& findings) {
  const check::Standing spf = check::check_spf_records(identity, dns, findings);
  check::check_reverse(identity, dns, findings);
  const auto keys = keys_of(channel, identity.from_domain, local);
  const bool relayed = std::ranges::all_of(
      identity.sources, [](const check::Egress& source) { return !source.relay.empty(); });
  const check::Standing dkim = check::check_dkim_keys(keys, relayed, dns, findings);
  if (!identity.from_domain.empty())
    check::check_dmarc(identity.from_domain, {identity.envelope_domain, spf},
                       {keys.empty() ? "" : keys.front().domain, dkim}, dns, findings);
}

void probe_hosts(const std::vector<std::string>& hosts, const check::Identity& identity,
                 const dns::ResolverOptions& resolver, dns::Lookup& dns,
                 check::Findings& findings) {
  const std::string ehlo = identity.sources.empty() ? "localhost" : identity.sources.front().ehlo;
  for (const std::string& host : hosts) {
    const auto answer = dns.ask(host, dns::Type::kA);
    if (!answer || answer->addresses.empty()) continue;
    const IpAddress& address = answer->addresses.front();
    const std::string shown = host + " (" + address.to_string() + ")";
    if (const auto why = resolver.peers.refuses(address)) {
      findings.add("not-checked", "TLS of " + shown + ": the address is " + std::string(*why) +
                                      " and not among allow_networks");
      continue;
    }
    const ProbeResult probed = probe_starttls(address, resolver.port, host, ehlo, kProbePatience);
    if (probed.kind == ProbeResult::Kind::kNoTls)
      findings.add("return-path-no-tls", shown + ": " + probed.detail);
    else if (probed.kind == ProbeResult::Kind::kUnreachable)
      findings.add("not-checked", "TLS of " + shown + ": " + probed.detail);
  }
}

}  // namespace

std::optional<std::string> add_seen_as(const std::string& text, NetworkOptions& options) {
  const std::size_t equals = text.find('=');
  const auto address = IpAddress::parse(
      equals == std::string::npos ? std::string_view() : std::string_view(text).substr(equals + 1));
  if (!address || equals == 0)
    return "--seen-as: '" + text + "' is not SOURCE=ADDRESS, as in bulk-a=203.0.113.7";
  options.seen_as[text.substr(0, equals)] = *address;
  return std::nullopt;
}

std::vector<check::Receiver> check_network(const NetworkOptions& options,
                                           const CheckedCampaign& campaign, const CheckedList& list,
                                           const config::Channel& channel,
                                           const config::Fleet& fleet, const config::Local* local,
                                           CheckReport& report) {
  check::Findings& findings = report.findings;
  config::Config config;
  config.fleet = fleet;
  if (local != nullptr) config.local = *local;
  const dns::ResolverOptions resolver = engine::resolver_options(config);
  dns::Channel::Options asking;
  asking.servers = options.servers.empty() ? config.local.dns.servers : options.servers;
  asking.timeout = std::min(config.local.dns.timeout, kPatience);
  auto lookup = dns::BlockingLookup::open(asking);
  if (!lookup) {
    findings.add("not-checked", "everything that needs DNS: " + lookup.error().detail);
    return {};
  }
  dns::BlockingLookup& dns = **lookup;
  const check::Identity identity = identity_of(options, campaign.job, channel, fleet);
  check_sender(identity, channel, local, dns, findings);
  const auto& own_way = campaign.job.list_unsubscribe;
  check::check_unsubscribe_host(own_way ? own_way->url : channel.unsubscribe_url, dns, findings);
  const auto hosts = check::check_return_path(identity, dns, findings);
  if (options.probe) probe_hosts(hosts, identity, resolver, dns, findings);

  const dns::StaticRoutes routes(resolver.static_routes);
  check::DomainCounts domains = list.view.domains();
  std::vector<std::pair<std::string, dns::Type>> questions;
  for (const auto& [domain, count] : domains)
    if (routes.find(domain) == nullptr && questions.size() < check::kMaxDomainsAsked)
      questions.emplace_back(domain, dns::Type::kMx);
  dns.ask_all(questions);
  return check::find_receivers(domains, resolver.providers, routes, dns, findings);
}

}  // namespace hongyan::cli
