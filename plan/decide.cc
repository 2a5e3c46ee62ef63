#include "plan/decide.h"

#include <algorithm>

namespace hongyan::plan {

Decision decide(const Plan& plan, const Progress& progress, WallTime now) {
  if (progress.steps >= plan.steps.size()) return {Decision::Kind::kDone, {}};
  const WallTime since = progress.steps == 0 ? progress.joined_at : progress.last_at;
  WallTime at = std::max(since + plan.steps[progress.steps].delay, now);
  if (plan.window) {
    job::Window window = *plan.window;
    if (!progress.tz.empty()) window.tz = progress.tz;
    at = job::next_opening(window, at);
  }
  return at <= now ? Decision{Decision::Kind::kSend, now} : Decision{Decision::Kind::kWait, at};
}

}  // namespace hongyan::plan
