#include "scheduler/retry.h"

#include <gtest/gtest.h>

#include <set>

namespace hongyan::scheduler {
namespace {

using namespace std::chrono_literals;

const WallTime kStart = ManualClock{}.wall();

TEST(Retry, WaitsFollowTheScheduleThenRepeatTheLast) {
  RetrySchedule schedule;
  schedule.jitter = 0;
  const Millis expected[] = {5min, 15min, 30min, 1h, 2h, 4h, 4h, 4h};
  for (int attempt = 1; attempt <= 8; ++attempt) {
    EXPECT_EQ(next_attempt(schedule, attempt, kStart, kStart, 1), kStart + expected[attempt - 1]);
  }
}

TEST(Retry, JitterStaysWithinTenPercentSpreadsAndIsRepeatable) {
  const RetrySchedule schedule;
  std::set<WallTime> times;
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    const auto at = next_attempt(schedule, 4, kStart, kStart, seed);
    EXPECT_EQ(at, next_attempt(schedule, 4, kStart, kStart, seed));
    EXPECT_GE(*at, kStart + 54min);
    EXPECT_LE(*at, kStart + 66min);
    times.insert(*at);
  }
  EXPECT_GT(times.size(), 900u);
  EXPECT_LT(*times.begin(), kStart + 55min);
  EXPECT_GT(*times.rbegin(), kStart + 65min);
}

TEST(Retry, LastAttemptIsAtTheExpiryOfTheFirstAttemptAndNoneAfter) {
  const RetrySchedule schedule;
  const WallTime end = kStart + 72h;
  EXPECT_EQ(next_attempt(schedule, 20, kStart, end - 1h, 1), end);
  EXPECT_EQ(next_attempt(schedule, 21, kStart, end, 1), std::nullopt);
  EXPECT_EQ(next_attempt(schedule, 1, kStart, end + 1h, 1), std::nullopt);
}

TEST(Retry, IsConfigurable) {
  const RetrySchedule schedule{.waits = {1s, 2s}, .jitter = 0, .expiry = 10s};
  EXPECT_EQ(next_attempt(schedule, 1, kStart, kStart, 1), kStart + 1s);
  EXPECT_EQ(next_attempt(schedule, 5, kStart, kStart + 5s, 1), kStart + 7s);
  EXPECT_EQ(next_attempt(schedule, 5, kStart, kStart + 10s, 1), std::nullopt);
}

}  // namespace
}  // namespace hongyan::scheduler
