#pragma once

#include "base/clock.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace hongyan::scheduler {

// A source that receivers do not know yet sends each of them only so much a day, more from day to
// day. The curve is data: its n-th number is the cap of day n; behind its end the source is warm.
//
// The day moves on with each day on which something was sent, unless its signs were bad. A source
// that was silent for more than 30 days begins again with day 1 (Twilio's rule for its addresses).

// Messages of a day that day n allows; nullopt: warm, as many as other limits let through. A day
// before the first allows none.
std::optional<std::int64_t> warmup_cap(std::span<const std::int64_t> curve, int day);

// What a receiver answered in a day, and what came back by mail on it, whenever that was sent.
struct WarmupSigns {
  std::int64_t answered = 0;    // messages judged, whatever the answer
  std::int64_t bad = 0;         // addresses that do not exist
  std::int64_t refused = 0;     // answers that mean the source: too fast, blocked, listed
  std::int64_t complaints = 0;  // recipients who called it spam

  bool empty() const { return *this == WarmupSigns{}; }
  WarmupSigns& operator+=(const WarmupSigns& more);
  friend bool operator==(const WarmupSigns&, const WarmupSigns&) = default;
};

// | verdict   | bad addresses     | refusals          | complaints          | the day             |
// |-----------|-------------------|-------------------|---------------------|---------------------|
// | good      | up to 2 %         | none              | below 0.1 %         | moves on tomorrow   |
// | hold      | 2 and more, > 2 % | 1 and more        | 1 and more, 0.1 %   | same cap tomorrow   |
// | step back | 3 and more, > 3 % | 3 and more, > 2 % | 2 and more, 0.2 %   | a day back tomorrow |
// | stop      | 4 and more, > 5 % | 5 and more, > 5 % | 3 and more, 0.3 %   | that, and no more   |
// |           |                   |                   |                     | today               |
//
// Complaints: Google's sender guidelines ask to stay below 0.1 % and never to reach 0.3 %
// (support.google.com/a/answer/81126).
enum class WarmupVerdict : unsigned char { kGood, kHold, kStepBack, kStop };
WarmupVerdict judge_warmup(const WarmupSigns& signs);

// A day of a source at one provider, as the store counts it over all engines.
struct WarmupDay {
  int day = 0;                      // of the curve
  std::optional<std::int64_t> cap;  // nullopt: warm
  std::int64_t sent = 0;            // or leased to be sent
  WarmupSigns signs;
  WarmupVerdict verdict = WarmupVerdict::kGood;  // the worst of the day

  // "warm-up day 3: 98 of 98 sent"; why it stopped, when it did.
  std::string sentence() const;
  friend bool operator==(const WarmupDay&, const WarmupDay&) = default;
};

// Holds what a lane has leased of the day's cap. Unlike tokens of a rate they last until the day
// ends, and one that was not used comes back.
//
// Thread: its lane's. Not thread-safe.
class WarmupGate {
 public:
  // Without a curve it is always open.
  explicit WarmupGate(bool has_curve) : needed_(has_curve) {}

  bool is_needed() const { return needed_; }
  bool may_take(SteadyTime now) const;
  void take(SteadyTime now);
  // What was taken did not leave.
  void give_back(SteadyTime now);

  void grant(std::int64_t messages, SteadyTime now, SteadyTime day_ends);
  // Warm: until the day ends no lease is needed.
  void open(SteadyTime day_ends);
  // Nothing more is to be had before `until`. What is held may still go, unless `at_once`.
  void close(SteadyTime until, bool at_once);

  // Set while there is nothing to take and nothing to be had.
  std::optional<SteadyTime> closed_until(SteadyTime now) const;
  // Messages to lease for `waiting` ones; 0: none needed now.
  std::int64_t wanted(std::size_t waiting, SteadyTime now) const;
  // Gives up what is held.
  std::int64_t return_all(SteadyTime now);

 private:
  std::int64_t held(SteadyTime now) const { return now < day_ends_ ? held_ : 0; }

  bool needed_;
  std::int64_t held_ = 0;
  SteadyTime day_ends_{};  // of what is held
  SteadyTime open_until_{};
  SteadyTime closed_until_{};
};

}  // namespace hongyan::scheduler
