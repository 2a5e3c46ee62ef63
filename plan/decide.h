#pragma once

#include "plan/plan.h"

#include <string>

namespace hongyan::plan {

// How far a contact has come who is neither stopped nor has a message on its way.
struct Progress {
  std::size_t steps = 0;  // mails that were accepted
  WallTime joined_at;
  WallTime last_at;  // of the last mail; of no meaning before the first
  std::string tz;    // empty: the plan's
};

struct Decision {
  enum class Kind : unsigned char { kSend, kWait, kDone };
  Kind kind = Kind::kDone;
  WallTime at{};  // of kWait: when to ask again
};

// What is to be done for a contact now. Caps are counted where all contacts are
// (store/plan_store.h) and may still say later. An edited plan is simply asked anew.
Decision decide(const Plan& plan, const Progress& progress, WallTime now);

}  // namespace hongyan::plan
