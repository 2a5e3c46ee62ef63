#include "dns/static_routes.h"

#include "base/text.h"

#include <unordered_set>

namespace hongyan::dns {
namespace {

bool covers(const std::string& pattern, std::string_view domain) {
  if (pattern == "*") return true;
  if (!pattern.starts_with('.')) return ascii_iequals(pattern, domain);
  return domain.size() > pattern.size() &&
         ascii_iequals(domain.substr(domain.size() - pattern.size()), pattern);
}

// "*" 0, suffixes by length, exact above all.
std::size_t rank(const std::string& pattern) {
  if (pattern == "*") return 0;
  return pattern.starts_with('.') ? pattern.size() : 1000;
}

}  // namespace

std::vector<std::string> StaticRoutes::check(const std::vector<StaticRoute>& routes,
                                             const PeerFilter& filter) {
  std::vector<std::string> faults;
  std::unordered_set<std::string> seen;
  for (const StaticRoute& route : routes) {
    const std::string& domain = route.domain_or_suffix;
    const auto fault = [&](const std::string& what) {
      faults.push_back("route `" + escape_control(domain) + "`: " + what);
    };
    const std::string_view name = std::string_view(domain).substr(domain.starts_with('.') ? 1 : 0);
    if (domain != "*" && !normalise_name(name))
      fault("is no domain, no suffix with a leading dot and no *");
    if (!seen.insert(ascii_lower(domain)).second) fault("stands there twice");
    if (route.port == 0) fault("port 0 cannot be connected to");
    if (const auto address = IpAddress::parse(route.host)) {
      if (const auto why = filter.refuses(*address))
        fault(route.host + " is refused (" + std::string(*why) + "); allow_networks can allow it");
    } else if (!normalise_name(route.host)) {
      fault("host `" + escape_control(route.host) + "` is neither a name nor an address");
    }
  }
  return faults;
}

const StaticRoute* StaticRoutes::find(std::string_view domain) const {
  const StaticRoute* best = nullptr;
  for (const StaticRoute& route : routes_)
    if (covers(route.domain_or_suffix, domain) &&
        (!best || rank(route.domain_or_suffix) > rank(best->domain_or_suffix)))
      best = &route;
  return best;
}

RoutePtr make_static_route(const StaticRoute& entry, std::vector<IpAddress> addresses,
                           const ProviderIndex& providers, SteadyTime expires) {
  auto route = std::make_shared<Route>();
  const std::string host = ascii_lower(entry.host);
  const bool literal = IpAddress::parse(host).has_value();
  const std::string_view named = literal ? std::string_view{} : providers.named(host);
  route->provider = literal ? provider_of_addresses(addresses) : providers.of_hosts({host});
  route->named = !named.empty() || entry.provider.has_value();
  if (entry.provider) route->provider = *entry.provider;
  route->is_static = true;
  route->port = entry.port;
  route->hosts.push_back({host, 0, std::move(addresses)});
  route->expires = expires;
  return route;
}

}  // namespace hongyan::dns
