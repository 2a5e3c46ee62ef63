#pragma once

#include "base/clock.h"
#include "base/network.h"
#include "base/random.h"
#include "dns/tlsa.h"
#include "dns/wire.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace hongyan::dns {

struct StsPolicy;

struct MxHost {
  std::string name;
  int preference = 0;                // lower is tried first (RFC 5321 5.1)
  std::vector<IpAddress> addresses;  // never empty in a Route; peers the filter lets pass
  Dane dane = {};                    // `base` alone is set: where to ask for TLSA records
};

// Where the mail of a domain goes. Immutable once made and shared between deliveries.
struct Route {
  std::string provider;
  bool named = false;      // provider is one of the configured ones
  bool is_static = false;  // configured, not from an MX set
  bool lenient = false;    // found without asking what the receiver demands of TLS
  std::uint16_t port = 25;
  std::vector<MxHost> hosts;             // by preference; equals in no particular order
  bool sts_enforced = false;             // the domain's MTA-STS policy wants verified certificates
  std::shared_ptr<const StsPolicy> sts;  // of whatever mode; null: none is known
  SteadyTime expires{};
};
using RoutePtr = std::shared_ptr<const Route>;

// One attempt's peer.
struct Target {
  std::string host;  // what a certificate is verified against
  IpAddress address;
  std::uint16_t port = 25;
  friend bool operator==(const Target&, const Target&) = default;
};

// Every address of every host in the order to try: by preference, equal hosts in a fresh random
// order (RFC 5321 5.1 demands it for the sharing of load), the addresses of a host shuffled too,
// families alternating so that a dead IPv6 path costs one attempt and not all.
std::vector<Target> order_targets(const Route& route, Random& random);

// Hosts beyond this many are not tried.
inline constexpr std::size_t kMaxHosts = 20;

// What the answer to the MX question asks for next.
struct MxPlan {
  std::vector<MxHost> hosts;  // without addresses, by preference, no host twice
  bool implicit = false;      // no MX: the domain itself is the host (RFC 5321 5.1)
};

// Errors, permanent: "nxdomain"; "null-mx" (RFC 7505); "no-address" when no MX names a possible
// host (the domain itself is no fallback then). Temporary: "servfail" for every other rcode.
Result<MxPlan> plan_mx(const Answer& answer, std::string_view domain);

// What the address questions of one host brought.
struct HostAddresses {
  std::vector<IpAddress> addresses;
  bool failed = false;  // a question got no usable answer, so more addresses may exist
  bool nxdomain = false;
};

// Fills in addresses, drops hosts without any. Errors, permanent: "forbidden-address" when the
// filter refused all there were; "no-address" when none exist; "nxdomain" when an implicit host
// does not exist. Temporary: "dns-unresolved" when that may change with an answer that failed.
Result<std::vector<MxHost>> place_addresses(MxPlan plan, std::vector<HostAddresses> found,
                                            const PeerFilter& filter, std::string_view domain);

// Whether trying again later is pointless: the recipient bounces as bad-domain. Codes: "bad-name",
// "nxdomain", "null-mx", "forbidden-address", "no-address". Everything else defers.
bool is_permanent(const Error& error);

}  // namespace hongyan::dns
