#include "dns/mx.h"

#include "base/text.h"

#include <algorithm>
#include <unordered_set>

namespace hongyan::dns {
namespace {

std::string quoted(std::string_view name) {
  return "`" + escape_control(name) + "`";
}

// One of each family in turn, beginning with a random one.
std::vector<IpAddress> alternate(std::vector<IpAddress> addresses, Random& random) {
  std::ranges::shuffle(addresses, random);
  if (addresses.empty()) return addresses;
  const bool first_v4 = addresses.front().is_v4();
  std::vector<IpAddress> first, second, out;
  for (const IpAddress& a : addresses) (a.is_v4() == first_v4 ? first : second).push_back(a);
  for (std::size_t i = 0; i < first.size() || i < second.size(); ++i) {
    if (i < first.size()) out.push_back(first[i]);
    if (i < second.size()) out.push_back(second[i]);
  }
  return out;
}

}  // namespace

std::vector<Target> order_targets(const Route& route, Random& random) {
  std::vector<const MxHost*> hosts;
  for (const MxHost& host : route.hosts) hosts.push_back(&host);
  std::ranges::shuffle(hosts, random);
  std::ranges::sort(hosts, {}, &MxHost::preference);  // equals keep a uniformly random order
  std::vector<Target> targets;
  for (const MxHost* host : hosts)
    for (const IpAddress& address : alternate(host->addresses, random))
      targets.push_back({host->name, address, route.port});
  return targets;
}

Result<MxPlan> plan_mx(const Answer& answer, std::string_view domain) {
  if (answer.rcode == Rcode::kNxDomain)
    return fail(Scope::kHost, "nxdomain", "domain " + quoted(domain) + " does not exist");
  if (answer.rcode != Rcode::kNoError)
    return fail(Scope::kHost, "servfail",
                "name server answers the MX question for " + quoted(domain) + " with rcode " +
                    std::to_string(static_cast<int>(answer.rcode)));
  if (answer.mx.empty()) return MxPlan{{{std::string(domain), 0, {}}}, true};
  // RFC 7505 3 wants it to be alone; several roots say the same.
  if (std::ranges::all_of(answer.mx, [](const MxRecord& mx) { return mx.exchange.empty(); }))
    return fail(Scope::kHost, "null-mx", "domain " + quoted(domain) + " takes no mail (null MX)");

  std::vector<MxRecord> records = answer.mx;
  std::ranges::sort(records);
  MxPlan plan;
  std::unordered_set<std::string> seen;
  for (const MxRecord& mx : records) {
    auto name = normalise_name(mx.exchange);
    // An address in place of a name is a common mistake of zones, and forbidden (RFC 5321 2.3.5).
    if (!name || IpAddress::parse(*name) || !seen.insert(*name).second) continue;
    plan.hosts.push_back({*std::move(name), mx.preference, {}});
    if (plan.hosts.size() == kMaxHosts) break;
  }
  if (plan.hosts.empty())
    return fail(Scope::kHost, "no-address",
                "no MX of " + quoted(domain) + " names a host, the first is " +
                    quoted(records.front().exchange));
  return plan;
}

Result<std::vector<MxHost>> place_addresses(MxPlan plan, std::vector<HostAddresses> found,
                                            const PeerFilter& filter, std::string_view domain) {
  std::vector<MxHost> usable;
  std::string refused;
  bool failed = false;
  bool nxdomain = !found.empty();
  for (std::size_t i = 0; i < plan.hosts.size(); ++i) {
    MxHost& host = plan.hosts[i];
    failed |= found[i].failed;
    nxdomain &= found[i].nxdomain;
    for (const IpAddress& address : found[i].addresses) {
      if (const auto why = filter.refuses(address)) {
        if (refused.empty())
          refused = host.name + " is " + address.to_string() + " (" + std::string(*why) + ")";
      } else if (std::ranges::find(host.addresses, address) == host.addresses.end()) {
        host.addresses.push_back(address);
      }
    }
    if (!host.addresses.empty()) usable.push_back(std::move(host));
  }
  if (!usable.empty()) return usable;
  if (failed)
    return fail(Scope::kHost, "dns-unresolved",
                "no mail host of " + quoted(domain) + " could be resolved for now");
  if (!refused.empty())
    return fail(Scope::kHost, "forbidden-address",
                "mail host of " + quoted(domain) + " is refused: " + refused +
                    "; allow_networks can allow it");
  if (plan.implicit && nxdomain)
    return fail(Scope::kHost, "nxdomain", "domain " + quoted(domain) + " does not exist");
  return fail(Scope::kHost, "no-address", "no mail host of " + quoted(domain) + " has an address");
}

bool is_permanent(const Error& error) {
  for (const std::string_view code :
       {"bad-name", "nxdomain", "null-mx", "forbidden-address", "no-address"})
    if (error.code == code) return true;
  return false;
}

}  // namespace hongyan::dns
