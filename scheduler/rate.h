#pragma once

#include "base/clock.h"
#include "base/error.h"
#include "scheduler/limits.h"

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hongyan::scheduler {

// Largest count and burst that parse_rate takes.
inline constexpr std::int64_t kMaxRateCount = 1'000'000'000;

// The burst of a rate that names none: 1 % of the count, at least 1.
std::int64_t default_burst(std::int64_t count);

// Reads "N/s", "N/min", "N/h" or "N/d", optionally followed by "burst B"; blanks are free.
// Error: code "bad-rate", detail says what is wrong and what would be right.
Result<Rate> parse_rate(std::string_view text);

// The shortest text that parse_rate reads back as `rate`. `per` must be one of its four units.
std::string format_rate(const Rate& rate);

// Messages per second that `rate` allows in the long run.
double per_second(const Rate& rate);

// The lowest of `rates` in messages per second; 0: there is none.
double lowest_per_second(std::span<const Rate> rates);

// Local limiter for several rates at once: the generic cell rate algorithm (ITU-T I.371), one
// theoretical arrival time (TAT) per rate.
//
// An interval is per / count, rounded up to a nanosecond; a start is allowed when
// now >= TAT - (burst - 1) intervals, and then TAT = max(TAT, now) + interval.
//
// Thread: its owner's. Not thread-safe.
// Invariant: in any closed interval of a rate's `per` at most count + burst takes.
class Gcra {
 public:
  explicit Gcra(std::span<const Rate> rates);

  // Zero: take() is allowed now. Otherwise the wait until all rates allow one, if none is taken.
  std::chrono::nanoseconds time_until_allowed(SteadyTime now) const;

  // Only when time_until_allowed(now) is zero.
  void take(SteadyTime now);

 private:
  struct Cell {
    std::chrono::nanoseconds interval;
    std::chrono::nanoseconds tolerance;  // (burst - 1) intervals
    SteadyTime tat;
  };
  std::vector<Cell> cells_;
};

}  // namespace hongyan::scheduler
