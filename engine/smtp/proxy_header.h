#pragma once

#include "base/network.h"

#include <cstdint>
#include <string>

namespace hongyan::smtp {

// What an outbound proxy is told before the first byte of the session: from which of its addresses
// it shall connect, and where to. PROXY protocol version 2, command PROXY, TCP (section 2.2 of
// haproxy.org's proxy-protocol.txt); 28 bytes for IPv4, 52 for IPv6. The source port is 0: the
// proxy's system chooses it. Empty: the addresses are of different families, for which the protocol
// has no form.
std::string proxy_header(const IpAddress& source, const IpAddress& destination, std::uint16_t port);

}  // namespace hongyan::smtp
