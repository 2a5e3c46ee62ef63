#include "scheduler/rate_meter.h"

#include <algorithm>
#include <cmath>

namespace hongyan::scheduler {
namespace {

using Seconds = std::chrono::duration<double>;

constexpr double kForgetSeconds = 10;
// After this silence the lane starts anew: an average over it would say almost nothing was sent.
constexpr auto kSilence = std::chrono::minutes(1);

double fade(SteadyTime::duration age) {
  return std::exp(-Seconds(age).count() / kForgetSeconds);
}

}  // namespace

void RateMeter::count(SteadyTime now) {
  if (weight_ == 0 || now - last_ > kSilence) {
    weight_ = 0;
    started_ = now;
  } else if (now > last_) {
    weight_ *= fade(now - last_);
  }
  weight_ += 1;
  last_ = now;
}

double RateMeter::per_second(SteadyTime now) const {
  if (weight_ == 0) return 0;
  const auto age = std::max<SteadyTime::duration>(now - started_, std::chrono::seconds(1));
  return weight_ * fade(now - last_) / (kForgetSeconds * (1 - fade(age)));
}

}  // namespace hongyan::scheduler
