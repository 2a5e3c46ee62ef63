#pragma once

#include "base/clock.h"
#include "scheduler/breaker.h"
#include "scheduler/fair_queue.h"
#include "scheduler/ids.h"
#include "scheduler/limits.h"
#include "scheduler/pace.h"
#include "scheduler/rate_gate.h"
#include "scheduler/reply_policy.h"
#include "scheduler/warmup.h"

#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace hongyan::scheduler {

// Deliveries waiting for one provider through one source.
//
// Decides which delivery goes next and when; opens no socket, reads no clock. A delivery is
// waiting (push .. pop) or in flight (pop .. settle or give_back); afterwards the lane has
// forgotten it. When a delivery is due again is the store's business: it is pushed again then.
//
// Its configured rates are a RateGate, the cap of a day a WarmupGate; the pace may be stricter than
// that, never more generous.
//
// Owner: LaneTable, from first delivery until idle.
// Thread: the worker that owns the table. Not thread-safe.
// Invariant: every pop spends a valid token, when the limits name a rate; in any interval of a
// rate's length at most count + burst pops.
class Lane {
 public:
  struct Next {
    DeliveryHandle delivery;
    JobNumber job;
  };

  // `time_scale`: see Pace.
  explicit Lane(LaneLimits limits, double time_scale = 1);

  void push(TenantNumber tenant, JobNumber job, int priority, DeliveryHandle delivery);
  // Takes a job's waiting deliveries out: it was paused, cancelled or tripped.
  std::vector<DeliveryHandle> remove_job(JobNumber job);
  // Takes out what waits beyond `keep`, the same share of each job, its newest first: 0 for all.
  std::vector<DeliveryHandle> remove_beyond(std::size_t keep);

  // Whether pop(now) would give a delivery.
  bool can_start(SteadyTime now) const;
  std::optional<Next> pop(SteadyTime now);
  // When time alone may let a waiting delivery start; nullopt: nothing waits, or only a grant
  // helps (ask tokens_wanted). `now` itself: at once.
  std::optional<SteadyTime> next_wakeup(SteadyTime now) const;

  // Tokens to lease now: about a second's worth of sending beyond those held. 0: none needed.
  std::int64_t tokens_wanted(SteadyTime now) const;
  void grant(std::int64_t tokens, SteadyTime valid_until);

  // Connections that the lane has use for now: window, limits, backlog and rate taken together.
  int wanted_connections(SteadyTime now) const;

  // One delivery in flight got its answer. `reply` is kept as the reason of a reaction.
  void settle(const Ruling& ruling, std::string_view reply, SteadyTime now);
  // One delivery in flight never reached the wire (mark refused, draining): no attempt, and
  // nothing of the day's cap.
  void give_back(SteadyTime now);
  // A mail told that so many messages which were accepted had gone to bad addresses.
  void correct_accepted(std::int64_t bad, SteadyTime now);
  // What the breaker knew when its counts were kept; before anything was settled.
  void restore_breaker(std::int64_t n, std::int64_t bad) {
    breaker_ = SourceBreaker::restored(n, bad);
  }
  // A connection ended in trouble without a delivery of its own (connect, greeting, EHLO, TLS).
  void connection_failed(std::string_view cause, SteadyTime now);

  std::size_t waiting() const { return waiting_; }
  std::size_t in_flight() const { return in_flight_; }
  bool is_idle() const { return waiting_ == 0 && in_flight_ == 0; }
  const LaneLimits& limits() const { return limits_; }
  const Breaker& breaker() const { return breaker_.counts(); }
  // What keeps the next delivery from starting: "idle" (nothing waits), "paused", "pace", "rate",
  // "warm-up" (until tomorrow), "tokens" (also those of the day's cap), or "nothing".
  std::string_view held_by(SteadyTime now) const;
  WarmupGate& warmup() { return warmup_; }
  const WarmupGate& warmup() const { return warmup_; }
  Pace& pace() { return pace_; }
  const Pace& pace() const { return pace_; }

 private:
  std::chrono::nanoseconds time_until_allowed(SteadyTime now) const;
  void weigh(Evidence evidence, SteadyTime now);
  void heed_breaker(SteadyTime now);

  LaneLimits limits_;
  Pace pace_;
  RateGate gate_;
  WarmupGate warmup_;
  SourceBreaker breaker_;
  FairQueue turns_;
  std::unordered_map<JobNumber, std::deque<DeliveryHandle>> queues_;
  std::size_t waiting_ = 0;
  std::size_t in_flight_ = 0;
};

}  // namespace hongyan::scheduler
