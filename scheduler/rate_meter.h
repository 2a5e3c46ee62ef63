#pragma once

#include "base/clock.h"

namespace hongyan::scheduler {

// How fast a lane really sends: an average that forgets with a time constant of 10 s and is
// corrected for its short beginning, so that it is right from the first second on.
class RateMeter {
 public:
  void count(SteadyTime now);
  // Messages per second; 0 before the first count.
  double per_second(SteadyTime now) const;

 private:
  double weight_ = 0;  // counts, each faded by its age
  SteadyTime started_{};
  SteadyTime last_{};
};

}  // namespace hongyan::scheduler
