#pragma once

#include "base/clock.h"

#include <cstdint>
#include <string>

// Authorization codes that end on a day their users told; pure.
namespace hongyan::mailbox {

// Each is warned of once. In the store as the number.
enum class Expiry : unsigned char { kFar, kTwoWeeks, kThreeDays, kOver };

Expiry expiry_at(WallTime expires, WallTime now);
// Days begun until then; 0 or less: over.
std::int64_t days_left(WallTime expires, WallTime now);
// "its code ends in 3 days (2026-11-24)"; empty while that is far.
std::string expiry_sentence(WallTime expires, WallTime now);

}  // namespace hongyan::mailbox
