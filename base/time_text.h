#pragma once

#include "base/clock.h"
#include "base/error.h"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace hongyan {

// "2026-02-01T09:00:00+08:00" or "...Z" (RFC 3339); fractions are kept to the millisecond. Years
// 1970 to 9999; a leap second counts as the second after it.
Result<WallTime> parse_rfc3339(std::string_view text);
// A day of the calendar, "2026-02-01"; nullopt: there is none so written.
std::optional<std::chrono::sys_days> parse_date(std::string_view text);
// "22:30", "24:00" to minutes after midnight.
Result<std::chrono::minutes> parse_clock(std::string_view text);
// In UTC, "2026-02-01T01:00:00.000Z".
std::string format_rfc3339(WallTime at);

}  // namespace hongyan
