#include "scheduler/rate_gate.h"

#include <utility>

namespace hongyan::scheduler {

RateGate::RateGate(std::vector<Rate> rates) : rates_(std::move(rates)), limiter_(rates_) {}

std::int64_t RateGate::tokens_held(SteadyTime now) const {
  std::int64_t held = 0;
  for (const Grant& grant : grants_) held += now < grant.valid_until ? grant.tokens : 0;
  return held;
}

void RateGate::grant(std::int64_t tokens, SteadyTime valid_until) {
  if (tokens > 0) grants_.push_back({tokens, valid_until});
}

std::chrono::nanoseconds RateGate::time_until_allowed(SteadyTime now) const {
  return limiter_.time_until_allowed(now);
}

bool RateGate::may_take(SteadyTime now) const {
  return limiter_.time_until_allowed(now) == std::chrono::nanoseconds{0} &&
         (!needs_tokens() || tokens_held(now) > 0);
}

void RateGate::take(SteadyTime now) {
  limiter_.take(now);
  if (!needs_tokens()) return;
  while (now >= grants_.front().valid_until) grants_.pop_front();
  if (--grants_.front().tokens == 0) grants_.pop_front();
}

}  // namespace hongyan::scheduler
