#include "engine/check/receiver_rules.h"

#include "dns/mx.h"
#include "engine/check/list_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace hongyan::check {
namespace {

constexpr std::size_t kShown = 8;
// The breaker's threshold for invalid addresses.
constexpr double kDeadShare = 3.0;

struct Asked {
  std::string provider;
  std::string dead;     // why it takes no mail
  std::string failure;  // why nothing is known
};

// MX hosts that the domain's best preference names, or the domain itself.
Asked ask_domain(const std::string& domain, const dns::ProviderIndex& index, dns::Lookup& dns) {
  const auto answer = dns.ask(domain, dns::Type::kMx);
  if (!answer) return {{}, {}, answer.error().detail};
  const auto plan = dns::plan_mx(*answer, domain);
  if (!plan)
    return dns::is_permanent(plan.error()) ? Asked{{}, std::string(plan.error().code), {}}
                                           : Asked{{}, {}, plan.error().detail};
  if (!plan->implicit) {
    std::vector<std::string> hosts;
    for (const dns::MxHost& host : plan->hosts)
      if (host.preference == plan->hosts.front().preference) hosts.push_back(host.name);
    return {index.of_hosts(std::move(hosts)), {}, {}};
  }
  std::vector<IpAddress> addresses;
  for (const dns::Type type : {dns::Type::kA, dns::Type::kAaaa}) {
    const auto found = dns.ask(domain, type);
    if (!found) return {{}, {}, found.error().detail};
    std::ranges::copy(found->addresses, std::back_inserter(addresses));
  }
  if (addresses.empty()) return {{}, "no-address", {}};
  return {dns::provider_of_addresses(addresses), {}, {}};
}

bool is_named(std::string_view provider) {
  return !provider.contains(':') && !provider.starts_with("mx-");
}

}  // namespace

bool is_chinese_provider(std::string_view provider) {
  static const std::set<std::string_view> kProviders = {
      "aliyun", "aliyun_qiye", "cm139",     "coremail",
      "ct189",  "exmail",      "feishu",    "microsoft365_cn",
      "net263", "netease",     "perfect88", "qq",
      "sina",   "sohu",        "tom",       "wo"};
  return kProviders.contains(provider);
}

std::vector<Receiver> find_receivers(const DomainCounts& domains, const dns::ProviderIndex& index,
                                     const dns::StaticRoutes& routes, dns::Lookup& dns,
                                     Findings& findings) {
  std::map<std::string, Receiver> receivers;
  std::vector<std::string> dead;
  std::uint64_t total = 0, in_dead = 0, unknown = 0;
  std::size_t asked = 0;
  std::string failure;
  for (const auto& [domain, count] : domains) {
    total += count;
    Asked found;
    if (const dns::StaticRoute* route = routes.find(domain))
      found.provider = route->provider.value_or(index.of_hosts({route->host}));
    else if (asked++ < kMaxDomainsAsked)
      found = ask_domain(domain, index, dns);
    if (!found.dead.empty()) {
      in_dead += count;
      dead.push_back(domain + " (" + found.dead + ")");
      continue;
    }
    if (!found.failure.empty()) {
      unknown += count;
      failure = found.failure;
    }
    if (found.provider.empty()) found.provider = "mx:" + domain;
    Receiver& receiver = receivers[found.provider];
    receiver.recipients += count;
    if (is_chinese_domain(domain) || is_chinese_provider(found.provider)) receiver.chinese += count;
    receiver.named = is_named(found.provider);
  }
  if (in_dead > 0) {
    const double share = 100.0 * static_cast<double>(in_dead) / static_cast<double>(total);
    findings.add(share >= kDeadShare ? "list-dead-domains" : "list-dead-domains-some",
                 fmt::format("{} of {} recipients ({:.2f} %): {}", in_dead, total, share,
                             some_of(dead, kShown)));
  }
  if (unknown > 0)
    findings.add("not-checked",
                 fmt::format("who receives for {} of {} recipients: {}", unknown, total, failure));
  std::vector<Receiver> sorted;
  for (auto& [name, receiver] : receivers) {
    receiver.provider = name;
    sorted.push_back(receiver);
  }
  std::ranges::sort(sorted, [](const Receiver& a, const Receiver& b) {
    return a.recipients != b.recipients ? a.recipients > b.recipients : a.provider < b.provider;
  });
  std::vector<std::string> shares;
  for (const Receiver& receiver : sorted)
    shares.push_back(
        fmt::format("{} {:.1f} %", receiver.provider,
                    100.0 * static_cast<double>(receiver.recipients) / static_cast<double>(total)));
  if (!shares.empty() && unknown < total) findings.add("list-receivers", some_of(shares, kShown));
  return sorted;
}

}  // namespace hongyan::check
