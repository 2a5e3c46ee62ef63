#pragma once

#include "base/clock.h"

#include <cstdint>

namespace hongyan::scheduler {

// How many there were within the last `length`, about: whole periods are counted, and of the one
// before the present as much as still reaches into it.
class RecentCount {
 public:
  explicit RecentCount(SteadyTime::duration length) : length_(length) {}

  void count(SteadyTime now);
  double within(SteadyTime now) const;
  // Counted without a gap of `length` for at least that long.
  bool covers_all(SteadyTime now) const;

 private:
  SteadyTime::duration length_;
  SteadyTime since_{}, last_{}, period_{};  // the first without a gap, the last, the present period
  std::int64_t here_ = 0, before_ = 0;
};

}  // namespace hongyan::scheduler
