#pragma once

#include "base/clock.h"
#include "base/error.h"

#include <string>
#include <string_view>

namespace hongyan {

// "250ms", "30s", "15m", "72h" or "30d": a whole number and one unit, from 0 to 10,000 days.
// Anything else is an error ("bad-duration") that says why.
Result<Millis> parse_duration(std::string_view text);

// The largest unit that loses nothing: 900,000 ms → "15m", 90 s → "90s", 0 → "0s".
std::string format_duration(Millis span);

}  // namespace hongyan
