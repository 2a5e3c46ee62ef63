#pragma once

#include "base/clock.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace hongyan::scheduler {

// When a deferred recipient is tried again, and when it is given up.
struct RetrySchedule {
  // Wait after the first attempt, the second, ...; the last one repeats. Not empty.
  std::vector<Millis> waits = {std::chrono::minutes(5),  std::chrono::minutes(15),
                               std::chrono::minutes(30), std::chrono::hours(1),
                               std::chrono::hours(2),    std::chrono::hours(4)};
  double jitter = 0.1;                     // each wait is multiplied by 1 - jitter .. 1 + jitter
  Millis expiry = std::chrono::hours(72);  // after the first attempt
};

// The next attempt of a recipient that was just deferred; nullopt: it has expired.
//
// attempts_so_far: 1 after the first attempt. A wait that would pass the expiry ends on it: the
// last attempt is made there, never later. The jitter is a hash of (jitter_seed, attempts_so_far),
// so that engines agree on it and recipients of one moment spread.
std::optional<WallTime> next_attempt(const RetrySchedule& schedule, int attempts_so_far,
                                     WallTime first_attempt, WallTime now,
                                     std::uint64_t jitter_seed);

}  // namespace hongyan::scheduler
