#pragma once

#include "base/clock.h"
#include "scheduler/rate.h"

#include <chrono>
#include <cstdint>
#include <deque>
#include <vector>

namespace hongyan::scheduler {

// Rates that hold over all engines.
//
// Tokens come from outside, in batches that become void, and bound all engines together. A batch
// may be used at any moment of its validity, so the tokens alone would let the spends of two
// batches fall together; the gate therefore keeps the same rates once more by itself. Without
// rates it needs no tokens and is always open.
//
// Thread: its owner's. Not thread-safe.
// Invariant: in any interval of a rate's length at most count + burst takes.
class RateGate {
 public:
  explicit RateGate(std::vector<Rate> rates);

  bool needs_tokens() const { return !rates_.empty(); }
  const std::vector<Rate>& rates() const { return rates_; }
  std::int64_t tokens_held(SteadyTime now) const;
  void grant(std::int64_t tokens, SteadyTime valid_until);

  // The wait that the rates themselves impose; zero although a token may be missing.
  std::chrono::nanoseconds time_until_allowed(SteadyTime now) const;
  bool may_take(SteadyTime now) const;
  // Only when may_take(now).
  void take(SteadyTime now);

 private:
  struct Grant {
    std::int64_t tokens;
    SteadyTime valid_until;
  };

  std::vector<Rate> rates_;
  Gcra limiter_;
  std::deque<Grant> grants_;  // oldest first
};

}  // namespace hongyan::scheduler
