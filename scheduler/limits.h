#pragma once

#include "base/clock.h"

#include <cstdint>
#include <vector>

namespace hongyan::scheduler {

// At most `count` per `per`, and in any interval of that length never more than count + burst.
struct Rate {
  std::int64_t count = 0;
  Millis per{1000};
  std::int64_t burst = 1;  // default: 1 % of count, at least 1
  friend bool operator==(const Rate&, const Rate&) = default;
};

// What a lane may do at most; the pace adapts below it. 0 or empty: no limit.
struct LaneLimits {
  int connections = 0;
  int messages_per_connection = 0;
  std::vector<Rate> rates{};  // all hold together
  // Messages of the first day, the second, ...; of a source that warms up. Empty: no daily cap.
  std::vector<std::int64_t> warmup{};
  friend bool operator==(const LaneLimits&, const LaneLimits&) = default;
};

}  // namespace hongyan::scheduler
