#pragma once

#include "base/fault.h"
#include "dns/resolver.h"
#include "engine/config/config.h"

#include <string>

namespace hongyan::engine {

// The name under which a source's smart host is found, in a domain that cannot exist (RFC 6761).
std::string relay_name(const std::string& source);

// What a route is asked for: a domain, and whether what its receiver demands of TLS is left aside.
struct Way {
  std::string domain;
  bool lenient = false;
  friend auto operator<=>(const Way&, const Way&) = default;
};

// A source is its address: a message never leaves by another one, not even towards the other
// family.
bool may_reach(const config::Source& source, const IpAddress& address);
// Whether one of the route's addresses is of the source's family.
bool may_reach(const config::Source& source, const dns::Route& route);

// Whether the domain's MTA-STS policy wants reports and no more: mode testing.
bool tests_sts(const dns::Route& route);

// The named providers by their hosts.
dns::ProviderIndex provider_index(const config::Fleet& fleet);

// How the configuration wants routes found: servers, static routes and relays, named providers,
// peers that are allowed.
dns::ResolverOptions resolver_options(const config::Config& config);
// The same for messages that must arrive whatever is wrong with the receiver's TLS.
dns::ResolverOptions lenient_options(const config::Config& config);

// Static routes and relays that could never be used, all of them. Empty: none.
Faults routing_faults(const config::Config& config);

}  // namespace hongyan::engine
