#pragma once

#include "dns/mx.h"
#include "dns/provider.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hongyan::dns {

// A configured way that overrides MX: for relays, demos and tests.
struct StaticRoute {
  std::string domain_or_suffix;  // "example.com", ".example.com" (any below), "*" (all)
  std::string host;              // name or IP address
  std::uint16_t port = 25;
  std::optional<std::string> provider;  // default: derived from the host like that of an MX
};

// Thread: immutable after construction.
class StaticRoutes {
 public:
  // Every fault of every entry: bad name, host that is neither name nor address, port 0, address
  // the filter refuses, a domain named twice.
  static std::vector<std::string> check(const std::vector<StaticRoute>& routes,
                                        const PeerFilter& filter);
  StaticRoutes() = default;
  explicit StaticRoutes(std::vector<StaticRoute> routes) : routes_(std::move(routes)) {}

  // The most specific entry: exact, then the longest suffix, then "*". Null: none.
  const StaticRoute* find(std::string_view domain) const;

 private:
  std::vector<StaticRoute> routes_;
};

// The route of an entry whose host resolved to `addresses`.
RoutePtr make_static_route(const StaticRoute& entry, std::vector<IpAddress> addresses,
                           const ProviderIndex& providers, SteadyTime expires);

}  // namespace hongyan::dns
