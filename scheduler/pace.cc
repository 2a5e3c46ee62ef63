#include "scheduler/pace.h"

#include "scheduler/rate.h"

#include <algorithm>
#include <cmath>

namespace hongyan::scheduler {
namespace {

using Kind = LaneReaction::Kind;
using std::chrono::nanoseconds;
using Seconds = std::chrono::duration<double>;

constexpr double kInitialWindow = 2;
constexpr double kMaxWindow = 20;  // when no limit is configured
constexpr double kFloorPerSecond = 0.1;
constexpr double kGuessFloor = 0.5;  // a first refusal among a handful of messages proves little
constexpr double kReturn = 0.7;
constexpr double kClimbTo = 0.95;
constexpr double kClimbStep = 0.05;
constexpr double kSlowStart = 1;
constexpr double kProbe = 0.02;
constexpr double kProbeFaster = 1.5;
constexpr double kMostProbe = 0.05;
constexpr double kConfirmed = 0.9;  // of the ceiling: a refusal there is the old one
constexpr double kUsed = 0.5;       // of its allowance, for a minute to prove anything
constexpr int kFailuresBeforePause = 3;
constexpr std::size_t kReplyBytes = 300;

constexpr Millis kStep = std::chrono::minutes(1);
constexpr Millis kOneEvent = std::chrono::seconds(5);
constexpr Millis kAgain = std::chrono::minutes(15);
constexpr Millis kAgainPause = std::chrono::minutes(10);
constexpr Millis kMaxPause = std::chrono::hours(4);
constexpr Millis kFirstHold = std::chrono::minutes(10);
constexpr Millis kMaxHold = std::chrono::hours(12);
constexpr int kPausesWorth = 16;
constexpr Millis kForget = std::chrono::hours(24);
constexpr Millis kFirstBackoff = std::chrono::seconds(30);
constexpr Millis kMaxBackoff = std::chrono::hours(1);
// Starts may be late by a timer's coarseness without losing rate.
constexpr Millis kSlack{50};

Millis doubled(Millis base, int times, Millis most) {
  for (; times > 0 && base < most; --times) base *= 2;
  return std::min(base, most);
}

}  // namespace

Pace::Pace(const LaneLimits& limits, double time_scale)
    : scale_(time_scale),
      limit_per_second_(lowest_per_second(limits.rates)),
      max_window_(limits.connections > 0 ? limits.connections : kMaxWindow),
      taken_(scaled(kStep)),
      window_(std::min(kInitialWindow, max_window_)) {}

SteadyTime::duration Pace::scaled(SteadyTime::duration time) const {
  return std::chrono::duration_cast<SteadyTime::duration>(time * scale_);
}

bool Pace::is_slow(SteadyTime now) const {
  return rate_ > 0 && refused_at_ && now - *refused_at_ < scaled(kForget);
}

Mode Pace::mode(SteadyTime now) const {
  if (paused_until(now)) return Mode::kPaused;
  return is_slow(now) ? Mode::kSlow : Mode::kNormal;
}

PaceReason Pace::reason(SteadyTime now) const {
  return mode(now) == Mode::kNormal ? PaceReason::kNone : reason_;
}

std::string_view Pace::reply(SteadyTime now) const {
  return mode(now) == Mode::kNormal ? std::string_view{} : reply_;
}

std::optional<SteadyTime> Pace::paused_until(SteadyTime now) const {
  return paused_until_ && now < *paused_until_ ? paused_until_ : std::nullopt;
}

std::optional<double> Pace::allowed_per_second(SteadyTime now) const {
  return is_slow(now) ? std::optional(rate_) : std::nullopt;
}

int Pace::window(SteadyTime now) const {
  return paused_until(now) ? 0 : static_cast<int>(window_);
}

nanoseconds Pace::time_until_allowed(SteadyTime now) const {
  if (const auto until = paused_until(now)) return *until - now;
  if (!is_slow(now) || next_start_ <= now) return nanoseconds{0};
  return next_start_ - now;
}

void Pace::started(SteadyTime now) {
  meter_.count(now);
  if (rate_ <= 0) return;
  next_start_ = std::max(next_start_, now - kSlack) +
                std::chrono::duration_cast<SteadyTime::duration>(Seconds(1 / rate_));
  step_starts_ += 1;
}

void Pace::answered(SteadyTime now) {
  failures_ = 0;
  taken_.count(now);
  window_ = std::min(max_window_, window_ + 1 / window_);
  if (rate_ > 0) step(now);
}

void Pace::react(const LaneReaction& reaction, std::string_view reply, SteadyTime now) {
  switch (reaction.kind) {
    case Kind::kNone:
    case Kind::kCloseConnection:  // not the pace's: the connection ends
      return;
    case Kind::kSlow:
      shrink_window(now);
      return refused(PaceReason::kRefused, Millis{0}, reply, now);
    case Kind::kPause:
    case Kind::kNextSource:
      shrink_window(now);
      return refused(PaceReason::kRefused, reaction.pause, reply, now);
    case Kind::kFewerConnections:
      return connection_failed(reply, now);
  }
}

void Pace::connection_failed(std::string_view cause, SteadyTime now) {
  if (paused_until(now)) return;  // opened before the pause: no news
  shrink_window(now);
  if (++failures_ < kFailuresBeforePause) return;
  window_ = 1;
  note(PaceReason::kConnectionTrouble, cause);
  pause_until(now + scaled(doubled(kFirstBackoff, failures_ - kFailuresBeforePause, kMaxBackoff)));
}

void Pace::slow_for_bad_addresses(std::string_view numbers, SteadyTime now) {
  refused(PaceReason::kBadAddresses, Millis{0}, numbers, now);
}

void Pace::pause_for_bad_addresses(std::string_view numbers, Millis pause, SteadyTime now) {
  refused(PaceReason::kBadAddresses, pause, numbers, now);
}

void Pace::note(PaceReason reason, std::string_view reply) {
  reason_ = reason;
  reply_ = reply.substr(0, kReplyBytes);
  ++revision_;
}

bool Pace::learn_ceiling(PaceReason reason, SteadyTime now) {
  // Bad addresses say nothing about how much the receiver takes: then it is the present rate.
  double taken = reason == PaceReason::kRefused
                     ? taken_.within(now) / Seconds(scaled(kStep)).count()
                     : meter_.per_second(now);
  if (is_slow(now)) {
    const double allowed = proven_ > 0 && growth_ < kSlowStart ? proven_ : rate_;
    taken = taken > 0 ? std::min(taken, allowed) : allowed;
  }
  if (taken == 0) taken = limit_per_second_ > 0 ? limit_per_second_ : 1;
  const bool whole_minute = reason != PaceReason::kRefused || taken_.covers_all(now);
  ceiling_ = std::max(taken, whole_minute || is_slow(now) ? kFloorPerSecond : kGuessFloor);
  rate_ = kReturn * ceiling_;
  proven_ = 0;
  return whole_minute;
}

void Pace::refused(PaceReason reason, Millis pause, std::string_view reply, SteadyTime now) {
  const bool paused = paused_until(now).has_value();
  if (refused_at_ && now - *refused_at_ > scaled(kForget)) refusals_ = 0;
  const bool same_event = refused_at_ && (now - *refused_at_ < scaled(kOneEvent) || paused);
  failures_ = 0;
  if (same_event) {
    // The replies of one moment lengthen a pause at most.
    const SteadyTime until = now + scaled(pause);
    if (pause <= Millis{0} || (paused && until <= *paused_until_)) return;
    note(reason, reply);
    return pause_until(until);
  }
  int doublings = refusals_;
  if (pause == Millis{0} && refusals_ > 0 && now - *refused_at_ < scaled(kAgain)) {
    pause = kAgainPause;
    --doublings;
  }
  const bool small_steps = is_slow(now) && growth_ <= kMostProbe;
  const bool confirmed = hold_ > Millis{0} && rate_ >= kConfirmed * ceiling_;
  const Millis hold = std::max(confirmed ? 2 * hold_ : kFirstHold, kPausesWorth * pause);
  const bool whole_minute = learn_ceiling(reason, now);
  hold_ = whole_minute && small_steps ? std::min(hold, kMaxHold) : Millis{0};
  growth_ = whole_minute ? kProbe : kSlowStart;
  probe_at_.reset();
  refused_at_ = now;
  note(reason, reply);
  step_began_ = now;
  step_starts_ = 0;
  next_start_ = now + std::chrono::duration_cast<SteadyTime::duration>(Seconds(1 / rate_));
  if (pause > Millis{0})
    pause_until(now + scaled(doubled(pause, doublings, std::max(pause, kMaxPause))));
  ++refusals_;
}

// Never shortens a pause.
void Pace::pause_until(SteadyTime until) {
  if (paused_until_) until = std::max(until, *paused_until_);
  paused_until_ = until;
  next_start_ = until;
  step_began_ = until;
  step_starts_ = 0;
  ++revision_;
}

void Pace::shrink_window(SteadyTime now) {
  if (shrunk_at_ && now - *shrunk_at_ < scaled(kOneEvent)) return;
  shrunk_at_ = now;
  window_ = std::max(1.0, window_ / 2);
}

void Pace::step(SteadyTime now) {
  if (now - step_began_ < scaled(kStep)) return;
  const bool used = step_starts_ >= kUsed * rate_ * Seconds(now - step_began_).count();
  step_began_ = now;
  step_starts_ = 0;
  if (used) {
    refusals_ = 0;
    proven_ = rate_;
    climb(now);
    ++revision_;
  }
  if (!is_slow(now) || (limit_per_second_ > 0 && rate_ >= limit_per_second_)) {
    rate_ = ceiling_ = 0;
    note(PaceReason::kNone, {});
  }
}

void Pace::climb(SteadyTime now) {
  if (growth_ < kSlowStart && rate_ < kClimbTo * ceiling_) {
    rate_ = std::min(kClimbTo * ceiling_, rate_ + kClimbStep * ceiling_);
    return;
  }
  if (!probe_at_) probe_at_ = now + scaled(hold_);
  if (now < *probe_at_) return;
  rate_ *= 1 + growth_;
  if (growth_ < kSlowStart) growth_ = std::min(growth_ * kProbeFaster, kMostProbe);
  ceiling_ = std::max(ceiling_, rate_);
}

PaceState Pace::state(SteadyTime now, WallTime wall) const {
  const auto to_wall = [&](SteadyTime at) {
    return wall + std::chrono::duration_cast<Millis>(at - now);
  };
  PaceState state;
  state.mode = mode(now);
  state.reason = reason(now);
  state.window = window_;
  state.failures = failures_;
  state.reply = reply(now);
  if (const auto until = paused_until(now)) state.paused_until = to_wall(*until);
  if (!is_slow(now)) return state;
  state.refused_at = to_wall(*refused_at_);
  state.ceiling = ceiling_;
  state.rate = rate_;
  state.hold = hold_;
  state.growth = growth_;
  if (probe_at_) state.probe_at = to_wall(*probe_at_);
  state.refusals = refusals_;
  return state;
}

void Pace::restore(const PaceState& state, SteadyTime now, WallTime wall) {
  reason_ = state.reason;
  reply_ = state.reply.substr(0, kReplyBytes);
  window_ = state.window >= 1 ? std::min(state.window, max_window_) : window_;
  failures_ = state.failures;
  refusals_ = state.refusals;
  ceiling_ = state.ceiling;
  rate_ = state.rate;
  hold_ = std::min(state.hold, kMaxHold);
  proven_ = 0;
  growth_ = state.growth > 0 ? state.growth : kProbe;
  probe_at_.reset();
  step_began_ = now;
  step_starts_ = 0;
  refused_at_.reset();
  paused_until_.reset();
  // A wall clock that jumped must neither prolong a memory nor freeze a lane.
  if (state.refused_at)
    refused_at_ = now - std::clamp(wall - *state.refused_at, Millis{0}, kForget);
  if (state.probe_at) probe_at_ = now + std::min(*state.probe_at - wall, kMaxHold);
  if (state.paused_until && *state.paused_until > wall) {
    pause_until(now + std::min(*state.paused_until - wall, Millis(kForget)));
  }
}

}  // namespace hongyan::scheduler
