#include "mailbox/pace/pace.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace hongyan::mailbox {
namespace {

using namespace std::chrono_literals;

constexpr auto kDay = std::chrono::hours(24);
// 2026-01-05 09:00 in Shanghai.
const WallTime kBound{std::chrono::sys_days{std::chrono::year{2026} / 1 / 5} + 1h};

TEST(MailboxPace, StagesCountFromTheDayOfBinding) {
  const Pace pace({});
  const std::pair<int, std::int64_t> caps[] = {{1, 50},   {7, 50},   {8, 100},  {14, 100},
                                               {15, 150}, {21, 150}, {22, 200}, {28, 200},
                                               {29, 300}, {400, 300}};
  for (const auto& [day, cap] : caps) {
    const PaceDay is = pace.day_at(kBound, kBound + kDay * (day - 1));
    EXPECT_EQ(is.day, day);
    EXPECT_EQ(is.cap, cap) << day;
    EXPECT_EQ(is.plan, day <= 7 ? cap : cap * 9 / 10) << day;
  }
}

TEST(MailboxPace, ADayIsThatOfTheMailboxNotOfUtc) {
  const Pace pace({});
  // 23:59 and 00:01 in Shanghai, the same day in UTC.
  const WallTime late = kBound + 14h + 59min;
  EXPECT_EQ(pace.day_at(late, late).date, "2026-01-05");
  EXPECT_EQ(pace.day_at(late, late + 2min).day, 2);
  EXPECT_EQ(pace.day_at(late, late + 2min).date, "2026-01-06");
}

TEST(MailboxPace, LowerLimitsOfTheProviderAndLearntOnesWin) {
  PaceRules rules;
  rules.provider_cap = 40;
  EXPECT_EQ(Pace(rules).day_at(kBound, kBound).cap, 40);
  rules.learnt = {.cap = 30, .capped_at = kBound};
  EXPECT_EQ(Pace(rules).day_at(kBound, kBound).cap, 30);
  rules.provider_cap = 500;
  rules.learnt = {};
  EXPECT_EQ(Pace(rules).day_at(kBound, kBound).cap, 50);
}

// A mailbox that always has mail waiting, with a clock that only it moves.
struct Year {
  PaceRules rules;
  std::vector<WallTime> sent;

  void run(int days) {
    const Pace pace(rules);
    std::mt19937 random(7);
    PaceState state{.bound_at = kBound};
    std::string today;
    for (WallTime now = kBound; now < kBound + kDay * days;) {
      const std::string date = pace.day_at(kBound, now).date;
      if (date != today) state.sent_today = 0;
      today = date;
      const WallTime at =
          pace.next(state, now, std::uniform_real_distribution<double>(0, 1)(random));
      if (at > now) {
        now = at;
        continue;
      }
      sent.push_back(now);
      state.last_sent = now;
      ++state.sent_today;
    }
  }
  std::int64_t on_day(int day) const {
    const Pace pace(rules);
    return std::ranges::count_if(sent,
                                 [&](WallTime at) { return pace.day_at(kBound, at).day == day; });
  }
};

TEST(MailboxPace, FiveWeeksOfFullQueueStayUnderEveryCap) {
  Year year;
  year.run(36);
  const Pace pace({});
  for (int day = 1; day <= 36; ++day) {
    const std::int64_t plan = day <= 7 ? stage_cap(day) : stage_cap(day) * 9 / 10;
    EXPECT_LE(year.on_day(day), plan) << day;
    if (day > 1 && day < 36) EXPECT_GE(year.on_day(day), plan * 8 / 10) << day;
  }
  for (std::size_t i = 1; i < year.sent.size(); ++i) {
    const auto gap = year.sent[i] - year.sent[i - 1];
    const bool first_week = pace.day_at(kBound, year.sent[i - 1]).day <= 7;
    EXPECT_GE(gap, first_week ? 5min : 2min);
    if (first_week && gap < 1h) EXPECT_LE(gap, 10min);
    const auto hour = (year.sent[i] - kBound + 9h) % kDay;
    EXPECT_TRUE(hour >= 7h && hour < 23h);
  }
}

TEST(MailboxPace, TheFirstMailLeavesAtOnceWithinTheHours) {
  const Pace pace({});
  EXPECT_EQ(pace.next({.bound_at = kBound}, kBound, 0.9), kBound);
  const WallTime night = kBound + 16h;  // 01:00
  EXPECT_EQ(pace.next({.bound_at = kBound}, night, 0), kBound + 22h);
  EXPECT_EQ(pace.next({.bound_at = kBound, .not_before = kBound + 1h}, kBound, 0), kBound + 1h);
}

TEST(MailboxPace, HoursMaySpanMidnight) {
  PaceRules rules;
  rules.opens = 20h;
  rules.closes = 4h;
  const Pace pace(rules);
  EXPECT_EQ(pace.next({.bound_at = kBound}, kBound, 0), kBound + 11h);
  const WallTime night = kBound + 17h;  // 02:00
  EXPECT_EQ(pace.next({.bound_at = kBound}, night, 0), night);
}

TEST(MailboxPace, AUsedUpDayGoesOnTheNextMorning) {
  const Pace pace({});
  const PaceState full{.bound_at = kBound, .last_sent = kBound + 5h, .sent_today = 50};
  EXPECT_EQ(pace.next(full, kBound + 6h, 0), kBound + 22h);  // 07:00
}

TEST(MailboxPace, ExpectedTimesGrowOverTheDays) {
  const Pace pace({});
  const PaceState state{.bound_at = kBound};
  WallTime before = pace.expected(state, kBound, 0);
  EXPECT_EQ(before, kBound);
  for (int nth = 1; nth < 120; ++nth) {
    const WallTime at = pace.expected(state, kBound, nth);
    EXPECT_GE(at - before, 5min);
    before = at;
  }
  EXPECT_EQ(pace.day_at(kBound, pace.expected(state, kBound, 49)).day, 1);
  EXPECT_EQ(pace.day_at(kBound, pace.expected(state, kBound, 50)).day, 2);
  EXPECT_EQ(pace.day_at(kBound, pace.expected(state, kBound, 100)).day, 3);
}

TEST(MailboxPace, SlowdownStretchesTheGaps) {
  PaceRules rules;
  rules.learnt = {.slowdown = 3, .slowed_at = kBound};
  const PaceState state{.bound_at = kBound, .last_sent = kBound, .sent_today = 1};
  EXPECT_EQ(Pace(rules).next(state, kBound, 0), kBound + 15min);
}

// A tenth of what is missing to 300 comes back after each three days: 180, 192, 203, ...
TEST(MailboxPace, ALearntCapComesBackWhileNothingIsRefused) {
  PaceRules rules;
  const WallTime refused = kBound + kDay * 60;
  rules.learnt = {.cap = 180, .capped_at = refused};
  const Pace pace(rules);
  const std::pair<int, std::int64_t> caps[] = {{0, 180}, {2, 180}, {3, 192}, {5, 192}, {6, 203}};
  for (const auto& [days, cap] : caps)
    EXPECT_EQ(pace.day_at(kBound, refused + kDay * days).cap, cap) << days;
  std::int64_t before = 0;
  for (int days = 0; days < 120; ++days) {
    const std::int64_t cap = pace.day_at(kBound, refused + kDay * days).cap;
    EXPECT_GE(cap, before) << days;
    EXPECT_LE(cap, 300) << days;
    before = cap;
  }
  EXPECT_EQ(before, 300) << "it is all back";
}

TEST(MailboxPace, ACapLearntFromABadDayIsSoonOutOfTheWay) {
  const Learnt learnt{.cap = 2, .capped_at = kBound};
  EXPECT_EQ(learnt.cap_of(50, kBound + kDay * 3), 7);
  EXPECT_GE(learnt.cap_of(50, kBound + kDay * 21), 25);
  EXPECT_EQ(learnt.cap_of(1, kBound), 1) << "the ramp wins";
  EXPECT_EQ(Learnt{.cap = 2}.cap_of(50, kBound), 50) << "learnt nobody knows when";
}

// Who meets the provider's quota again and again is not let off: the refusal counts from anew.
TEST(MailboxPace, AQuotaThatStaysIsMetRarely) {
  constexpr std::int64_t kQuota = 200;
  Learnt learnt;
  int refusals = 0;
  for (int day = 0; day < 90; ++day) {
    const WallTime at = kBound + kDay * day;
    if (learnt.cap_of(300, at) <= kQuota) continue;
    ++refusals;
    learnt = {.cap = kQuota * 9 / 10, .capped_at = at};
  }
  EXPECT_LE(refusals, 90 / 6 + 1);
  EXPECT_GE(refusals, 5) << "it keeps trying";
}

TEST(MailboxPace, SlowdownFadesWeekByWeek) {
  const Learnt learnt{.slowdown = 8, .slowed_at = kBound};
  EXPECT_EQ(learnt.slowdown_at(kBound + kDay * 7 - 1ms), 8);
  EXPECT_DOUBLE_EQ(learnt.slowdown_at(kBound + kDay * 7), 8 / 1.5);
  EXPECT_DOUBLE_EQ(learnt.slowdown_at(kBound + kDay * 14), 8 / 1.5 / 1.5);
  EXPECT_EQ(learnt.slowdown_at(kBound + kDay * 42), 1);
  PaceRules rules;
  rules.learnt = {.slowdown = 1.5, .slowed_at = kBound};
  const WallTime week = kBound + kDay * 7;
  const PaceState state{.bound_at = week, .last_sent = week, .sent_today = 1};
  EXPECT_EQ(Pace(rules).next(state, week, 0), week + 5min);
}

TEST(MailboxPace, AGapIsDrawnOncePerMail) {
  double sum = 0;
  for (int i = 0; i < 1000; ++i) {
    const WallTime sent{std::chrono::milliseconds(1'795'140'000'000 + i)};
    const double draw = gap_draw("lily@corp.example", sent);
    ASSERT_GE(draw, 0);
    ASSERT_LT(draw, 1);
    ASSERT_EQ(draw, gap_draw("lily@corp.example", sent)) << "whoever asks again";
    sum += draw;
  }
  EXPECT_NEAR(sum / 1000, 0.5, 0.05);
  EXPECT_NE(gap_draw("lily@corp.example", WallTime{}), gap_draw("bob@corp.example", WallTime{}));
}

TEST(MailboxPace, BouncesStopIt) {
  EXPECT_EQ(bounce_verdict(19, 19), "");
  EXPECT_EQ(bounce_verdict(20, 1), "");
  EXPECT_EQ(bounce_verdict(20, 2),
            "2 of the last 20 messages met addresses that do not exist (10.0 %, limit 3 %)");
  EXPECT_EQ(bounce_verdict(100, 3), "");
  EXPECT_EQ(bounce_verdict(200, 6), "");
  EXPECT_NE(bounce_verdict(200, 7), "");
}

}  // namespace
}  // namespace hongyan::mailbox
