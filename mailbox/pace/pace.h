#pragma once

#include "base/clock.h"

#include <chrono>
#include <cstdint>
#include <string>

namespace hongyan::mailbox {

// How fast a bound mailbox writes 1-on-1 mail, so that its provider never takes it for a machine.
// The stages count calendar days from binding, the day of binding being the first:
//   days 1-7 50 a day, 8-14 100, 15-21 150, 22-28 200, from 29 on 300.
std::int64_t stage_cap(int day);

// What the provider's refusals have taught. Both fade while nothing is refused, so that one bad day
// is no sentence for life; the next refusal teaches anew. A cap or slowdown without its moment is
// from long ago.
struct Learnt {
  std::int64_t cap = 0;  // letters a day; 0: none is known
  WallTime capped_at{};  // when the provider's quota of a day was last used up
  double slowdown = 1;   // gaps are so much longer
  WallTime slowed_at{};  // when the provider last found us too fast

  // Of `ramp`, what may be sent on a day: after three days without such a refusal, and after each
  // three more, a tenth of what is missing to the ramp comes back.
  std::int64_t cap_of(std::int64_t ramp, WallTime at) const;
  // After each week without such a refusal one step of kSlower less.
  double slowdown_at(WallTime at) const;

  static constexpr double kSlower = 1.5;
  static constexpr double kSlowest = 8;
};

// What holds for one mailbox.
struct PaceRules {
  std::string timezone = "Asia/Shanghai";  // IANA name; known
  // Mail leaves between these, minutes after midnight; equal: all day.
  std::chrono::minutes opens{7 * 60};
  std::chrono::minutes closes{23 * 60};
  std::int64_t provider_cap = 0;  // a day; 0: none is known
  Learnt learnt;
  double time_scale = 1;  // tests only: gaps are divided by it
};

// What the mailbox has done.
struct PaceState {
  WallTime bound_at{};
  WallTime last_sent{};         // epoch: never
  std::int64_t sent_today = 0;  // on the calendar day of the moment asked about
  WallTime not_before{};        // a pause that a reply asked for
};

struct PaceDay {
  int day = 1;            // since binding
  std::int64_t cap = 0;   // what may be sent today at most
  std::int64_t plan = 0;  // what normal running uses of it: nine tenths from day 8 on
  double slowdown = 1;    // what its gaps are stretched by
  std::string date;       // "2026-11-21", in the mailbox's time zone
};

// Pure; reads the time zone database in memory.
class Pace {
 public:
  explicit Pace(PaceRules rules) : rules_(std::move(rules)) {}

  PaceDay day_at(WallTime bound_at, WallTime at) const;
  // When the next mail may leave, at or after `now`; `draw` in [0, 1) spreads the gaps.
  //
  // Days 1 to 7: 5 to 10 minutes between mails. Later: the day's plan spread over the sending
  // hours, three quarters to five quarters of an even gap, never below 2 minutes.
  WallTime next(const PaceState& state, WallTime now, double draw) const;
  // When the nth (0: the next) of those that wait is expected to leave, by even gaps.
  WallTime expected(PaceState state, WallTime now, std::int64_t nth) const;

 private:
  Millis gap(const PaceDay& day, double draw) const;
  WallTime open_from(WallTime at) const;
  WallTime next_day(WallTime at) const;

  PaceRules rules_;
};

// The draw of the gap behind the mail that left at `last_sent`. Whoever asks again, and whichever
// engine, gets the same: a gap that were drawn at every look would end up near the shortest.
double gap_draw(std::string_view mailbox, WallTime last_sent);

// Why a mailbox must stop: more than 3 % of its mail met addresses that are none. Sure of it at 90
// % (one-sided) from 20 answers on; from 200 on the plain rate decides. Empty: it may go on.
std::string bounce_verdict(std::int64_t answers, std::int64_t bad);

}  // namespace hongyan::mailbox
