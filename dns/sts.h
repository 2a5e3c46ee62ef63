#pragma once

#include "base/error.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hongyan::dns {

// RFC 8461 3.3: more is not read.
inline constexpr std::size_t kMaxStsPolicy = 64UZ * 1024;
inline constexpr std::size_t kMaxStsPatterns = 256;
inline constexpr std::chrono::seconds kMaxStsAge{31'557'600};  // a year (RFC 8461 3.2)

// A domain's word about the TLS of its hosts (RFC 8461 3.2).
struct StsPolicy {
  enum class Mode : std::uint8_t { kNone, kTesting, kEnforce };
  Mode mode = Mode::kNone;
  std::vector<std::string> mx;  // lower case; "*.example.net" stands for exactly one more label
  std::chrono::seconds max_age{};
};

// The id in the TXT records of _mta-sts.DOMAIN. Records that do not begin with v=STSv1 are nobody's
// business here; nothing when exactly one is not left, or it is broken (RFC 8461 3.1).
std::optional<std::string> find_sts_id(std::span<const std::string> texts);

// Errors: "sts-policy", with the line that is wrong. Unknown fields are passed over.
Result<StsPolicy> parse_sts_policy(std::string_view text);

// Whether a host (lower case, no final dot) is one of the policy's (RFC 8461 4.1).
bool is_sts_host(const StsPolicy& policy, std::string_view host);

}  // namespace hongyan::dns
