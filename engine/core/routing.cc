#include "engine/core/routing.h"

#include <algorithm>

namespace hongyan::engine {

std::string relay_name(const std::string& source) {
  return source + ".relay.invalid";
}

bool may_reach(const config::Source& source, const IpAddress& address) {
  if (source.address.empty()) return true;
  const auto local = IpAddress::parse(source.address);
  return !local || local->is_v4() == address.is_v4();
}

bool may_reach(const config::Source& source, const dns::Route& route) {
  return std::ranges::any_of(route.hosts, [&](const dns::MxHost& host) {
    return std::ranges::any_of(host.addresses,
                               [&](const auto& address) { return may_reach(source, address); });
  });
}

bool tests_sts(const dns::Route& route) {
  return route.sts && route.sts->mode == dns::StsPolicy::Mode::kTesting;
}

dns::ProviderIndex provider_index(const config::Fleet& fleet) {
  std::vector<dns::ProviderPattern> patterns;
  for (const auto& [name, provider] : fleet.providers) patterns.push_back({name, provider.mx});
  return dns::ProviderIndex(patterns);
}

dns::ResolverOptions resolver_options(const config::Config& config) {
  dns::ResolverOptions options;
  options.channel.servers = config.local.dns.servers;
  options.channel.timeout = config.local.dns.timeout;
  options.sts = config.local.sts.enabled;
  options.sts_port = static_cast<std::uint16_t>(config.local.sts.port);
  options.ca_file = config.local.smtp.ca_file;
  options.trust_ad = options.channel.ask_authentic = config.local.dns.trust_ad;
  options.port = static_cast<std::uint16_t>(config.local.smtp.port);
  for (const std::string& text : config.local.smtp.allow_networks)
    if (auto network = Network::parse(text)) options.peers.allow.push_back(*network);
  options.providers = provider_index(config.fleet);
  for (const auto& route : config.fleet.routes)
    options.static_routes.push_back(
        {route.domain, route.host, static_cast<std::uint16_t>(route.port),
         route.provider.empty() ? std::nullopt : std::optional(route.provider)});
  for (const auto& [name, source] : config.fleet.sources)
    if (source.relay)
      options.static_routes.push_back({relay_name(name), source.relay->host,
                                       static_cast<std::uint16_t>(source.relay->port),
                                       "relay:" + name});
  return options;
}

dns::ResolverOptions lenient_options(const config::Config& config) {
  dns::ResolverOptions options = resolver_options(config);
  options.sts = options.trust_ad = options.channel.ask_authentic = false;
  options.lenient = true;
  return options;
}

Faults routing_faults(const config::Config& config) {
  const dns::ResolverOptions options = resolver_options(config);
  Faults faults;
  for (std::string& text : dns::StaticRoutes::check(options.static_routes, options.peers))
    faults.push_back({"route", std::move(text), {}});
  return faults;
}

}  // namespace hongyan::engine
