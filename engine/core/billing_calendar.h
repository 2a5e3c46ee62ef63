#pragma once

#include "base/clock.h"
#include "store/commit_batch.h"

#include <string>

namespace hongyan::engine {

// Days in [billing] timezone. Throws at start-up for an unknown zone (the configuration was
// checked).
class BillingCalendar {
 public:
  explicit BillingCalendar(std::string timezone);

  store::BillingDay day_at(WallTime at) const;

 private:
  std::string timezone_;
};

}  // namespace hongyan::engine
