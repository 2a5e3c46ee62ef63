#include "scheduler/recent_count.h"

namespace hongyan::scheduler {

void RecentCount::count(SteadyTime now) {
  if (here_ == 0 || now - last_ > length_) {
    since_ = period_ = now;
    here_ = before_ = 0;
  } else if (now - period_ >= length_) {
    // Without a gap of a whole period the next one is the present one.
    period_ += length_;
    before_ = here_;
    here_ = 0;
    if (now - period_ >= length_) {
      period_ = now;
      before_ = 0;
    }
  }
  last_ = now;
  ++here_;
}

double RecentCount::within(SteadyTime now) const {
  const double age =
      static_cast<double>((now - period_).count()) / static_cast<double>(length_.count());
  if (age >= 2) return 0;
  if (age >= 1) return static_cast<double>(here_) * (2 - age);
  return static_cast<double>(here_) + static_cast<double>(before_) * (1 - age);
}

bool RecentCount::covers_all(SteadyTime now) const {
  return here_ > 0 && now - last_ <= length_ && now - since_ >= length_;
}

}  // namespace hongyan::scheduler
