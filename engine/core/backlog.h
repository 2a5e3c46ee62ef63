#pragma once

#include "base/clock.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

// How much may wait in a worker for something limited; the rest waits in Redis with a time.
namespace hongyan::engine {

// What is kept at hand, in seconds of sending, and at least and at most.
inline constexpr double kBacklogSeconds = 30;
inline constexpr std::size_t kLeastBacklog = 16;
inline constexpr std::size_t kMostBacklog = 2048;
// Nobody waits longer than this without a look whether things went better than expected.
inline constexpr std::chrono::seconds kLongestWait{600};

// Of something that lets so many through per second; 0: as many as come.
inline std::size_t backlog_of(double per_second) {
  if (per_second <= 0) return kMostBacklog;
  return std::clamp(static_cast<std::size_t>(per_second * kBacklogSeconds), kLeastBacklog,
                    kMostBacklog);
}

// When so many have gone before at this rate; unix ms.
inline std::int64_t due_after(std::size_t before, double per_second) {
  const SystemClock clock;
  const double seconds = std::clamp(static_cast<double>(before) / per_second, 1.0,
                                    static_cast<double>(kLongestWait.count()));
  return to_unix_ms(clock.wall() + Millis{static_cast<std::int64_t>(seconds * 1000)});
}

}  // namespace hongyan::engine
