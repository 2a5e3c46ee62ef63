#pragma once

#include "base/clock.h"
#include "scheduler/limits.h"
#include "scheduler/pace_state.h"
#include "scheduler/rate_meter.h"
#include "scheduler/recent_count.h"
#include "scheduler/reply_policy.h"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace hongyan::scheduler {

// A lane's adaptive pace, below its configured limits. Modes: see pace_state.h.
//
// Rate. A refusal stores a ceiling (bad addresses: the present rate): what the receiver took in the
// minute before it, at most what the pace allowed in the last minute without one. The lane goes on
// at 0.7 of it, at once (slow) or after a pause. Each clean minute is a step:
//   * less than a minute of sending stood behind the ceiling: it is a guess from below; times 2
//   * else + 0.05 of the ceiling, up to 0.95; there a hold; then a probe: + 2 %, 3 %, 4.5 %,
//     5 %, 5 %, ... a minute, the ceiling moving along
// There is a hold when small steps led to the ceiling. It lasts ten minutes or sixteen pauses of
// the kind that the refusal cost, whichever is longer, and twice that each time a probe ends where
// the last one did: asking costs more than it can gain. A clean minute used at least half of its
// allowance and saw no refusal; one that hardly sent proves nothing and changes nothing. Slow again
// within 15 min, without a clean minute in between, pauses 10 min; pauses double with every refusal
// in a row, up to 4 h. Refusals within 5 s are one event: they were on their way.
//
// Connections. The window grows by one per window's worth of answers and halves on trouble, once
// in 5 s, never below 1. Three connections failing in a row pause the lane for 30 s, each further
// failure doubles that, up to 1 h.
//
// All times but the rates' own are multiplied by `time_scale`: 1, or less to rehearse days in
// hours.
//
// Owner: its Lane. Thread: the lane's.
class Pace {
 public:
  explicit Pace(const LaneLimits& limits, double time_scale = 1);

  Mode mode(SteadyTime now) const;
  PaceReason reason(SteadyTime now) const;
  // The reply or cause that made the mode; empty in normal mode.
  std::string_view reply(SteadyTime now) const;
  std::optional<SteadyTime> paused_until(SteadyTime now) const;
  // Messages/s that the pace allows; nullopt: no own limit.
  std::optional<double> allowed_per_second(SteadyTime now) const;
  double measured_per_second(SteadyTime now) const { return meter_.per_second(now); }
  // Connections that may be open now; 0 while paused.
  int window(SteadyTime now) const;
  // Zero: a message may start now.
  std::chrono::nanoseconds time_until_allowed(SteadyTime now) const;

  void started(SteadyTime now);   // one message was handed to a connection
  void answered(SteadyTime now);  // the receiver took a message, or refused its recipient only
  void react(const LaneReaction& reaction, std::string_view reply, SteadyTime now);
  void connection_failed(std::string_view cause, SteadyTime now);
  // Verdict of the breaker: keep to 0.7 of the present rate, or stay away for `pause`.
  void slow_for_bad_addresses(std::string_view numbers, SteadyTime now);
  void pause_for_bad_addresses(std::string_view numbers, Millis pause, SteadyTime now);

  PaceState state(SteadyTime now, WallTime wall) const;
  // A pause goes on for what is left of it; nothing lasts longer than it could in one process.
  void restore(const PaceState& state, SteadyTime now, WallTime wall);
  // Grows with every change worth storing (mode, ceiling, pause); not with each window step.
  unsigned revision() const { return revision_; }

 private:
  bool is_slow(SteadyTime now) const;
  void note(PaceReason reason, std::string_view reply);
  // True: a whole minute of sending stood behind it.
  bool learn_ceiling(PaceReason reason, SteadyTime now);
  void climb(SteadyTime now);
  SteadyTime::duration scaled(SteadyTime::duration time) const;
  void refused(PaceReason reason, Millis pause, std::string_view reply, SteadyTime now);
  void pause_until(SteadyTime until);
  void shrink_window(SteadyTime now);
  void step(SteadyTime now);

  double scale_;
  double limit_per_second_;  // the lowest configured rate; 0: none
  double max_window_;
  RateMeter meter_;
  RecentCount taken_;  // in the last minute

  PaceReason reason_ = PaceReason::kNone;
  std::string reply_;
  std::optional<SteadyTime> paused_until_;
  std::optional<SteadyTime> refused_at_;
  double ceiling_ = 0;
  double rate_ = 0;
  double proven_ = 0;  // the rate of the last clean minute since a refusal
  Millis hold_{0};     // at 0.95 of the ceiling, unscaled; 0: it is not known so well
  std::optional<SteadyTime> probe_at_;
  double growth_ = 0;  // of the next step when it is no climb; 1: from a guess
  double window_;
  int refusals_ = 0;
  int failures_ = 0;
  unsigned revision_ = 0;

  SteadyTime next_start_ = SteadyTime::min();
  SteadyTime step_began_{};
  double step_starts_ = 0;
  std::optional<SteadyTime> shrunk_at_;
};

}  // namespace hongyan::scheduler
