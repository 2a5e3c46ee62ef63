#pragma once

#include "base/clock.h"
#include "base/network.h"

#include <cstdint>
#include <string>

namespace hongyan::cli {

struct ProbeResult {
  enum class Kind : unsigned char { kTls, kNoTls, kUnreachable };
  Kind kind = Kind::kUnreachable;
  std::string detail;
};

// Connects, says EHLO and STARTTLS, shakes hands, closes; no mail command. Any certificate will do.
ProbeResult probe_starttls(const IpAddress& address, std::uint16_t port, const std::string& host,
                           const std::string& ehlo, Millis patience);

}  // namespace hongyan::cli
