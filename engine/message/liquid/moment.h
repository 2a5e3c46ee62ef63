#pragma once

#include "base/clock.h"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace hongyan::liquid {

// A point in time as somebody's clock shows it.
struct Moment {
  std::chrono::local_time<std::chrono::microseconds> local;
  std::chrono::minutes offset{0};
};

// "2026-01-05", "2026-01-05T08:00:00.5+08:00", "Mon, 05 Jan 2026 08:00:00 +0800", "January 5, 2026
// 3 pm", "5 Jan 2026", "10:30", "now", "today", and seconds since 1970. What is not said is taken
// from `now`: its year, its day; a time that is not said is 0:00.
std::optional<Moment> parse_moment(std::string_view text, const Moment& now);
Moment moment_at(WallTime at, std::chrono::minutes offset);
std::optional<Moment> moment_of_seconds(std::int64_t seconds, std::chrono::minutes offset);

// The directives of Ruby's strftime, with flags (- 0 ^ # _ :) and widths up to 64. What is no
// directive is written as it stands. False when `out` would grow beyond `limit`.
bool format_moment(const Moment& moment, std::string_view format, std::string& out,
                   std::size_t limit);

}  // namespace hongyan::liquid
