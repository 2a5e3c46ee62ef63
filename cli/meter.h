#pragma once

#include "base/clock.h"

#include <chrono>
#include <cstdint>
#include <optional>

namespace hongyan::cli {

// The speed of something that is counted, over the time in which it moved: the wait for a retry
// does not make a receiver slow.
class Meter {
 public:
  void measure(std::int64_t count, SteadyTime now) {
    if (!measured_) first_ = count;
    if (measured_ && count > count_) busy_ += now - *measured_;
    measured_ = now;
    count_ = count;
  }

  // Per second; 0 while nothing has moved.
  double rate() const {
    return busy_.count() > 0 ? static_cast<double>(count_ - first_) / busy_.count() : 0;
  }

 private:
  std::optional<SteadyTime> measured_;
  std::int64_t first_ = 0;
  std::int64_t count_ = 0;
  std::chrono::duration<double> busy_{0};
};

}  // namespace hongyan::cli
