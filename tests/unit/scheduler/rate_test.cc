#include "scheduler/rate.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace hongyan::scheduler {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

TEST(Rate, ParsesUnitsAndBurst) {
  EXPECT_EQ(parse_rate("5/s"), (Rate{5, 1s, 1}));
  EXPECT_EQ(parse_rate(" 1000 / min "), (Rate{1000, 1min, 10}));
  EXPECT_EQ(parse_rate("20000/h burst 7"), (Rate{20000, 1h, 7}));
  EXPECT_EQ(parse_rate("50/d burst 50"), (Rate{50, 24h, 50}));
}

TEST(Rate, RefusesWhatIsNoRate) {
  for (const char* text : {"", "5", "/s", "0/s", "-5/s", "5/", "5/sec", "5/s burst", "5/s burst 0",
                           "5/s burst 3 x", "5/s x", "5.5/s", "99999999999/s", "5 s"}) {
    const auto rate = parse_rate(text);
    ASSERT_FALSE(rate) << text;
    EXPECT_EQ(rate.error().code, "bad-rate");
    EXPECT_NE(rate.error().detail.find(text), std::string::npos);
  }
}

TEST(Rate, FormatIsReadBack) {
  for (const char* text : {"5/s", "1000/min", "20000/h burst 7", "50/d burst 50"}) {
    EXPECT_EQ(format_rate(*parse_rate(text)), text);
  }
}

TEST(Rate, LowestCountsInSeconds) {
  const std::vector<Rate> rates = {{100, 1s, 1}, {60, 1min, 1}};
  EXPECT_DOUBLE_EQ(lowest_per_second(rates), 1);
  EXPECT_DOUBLE_EQ(lowest_per_second({}), 0);
}

TEST(Gcra, WithoutRatesAlwaysAllows) {
  EXPECT_EQ(Gcra({}).time_until_allowed(SteadyTime{}), 0ns);
}

TEST(Gcra, LetsTheBurstGoThenSpaces) {
  const Rate rate{10, 1s, 3};
  Gcra limiter(std::span(&rate, 1));
  const SteadyTime now{1h};
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(limiter.time_until_allowed(now), 0ns);
    limiter.take(now);
  }
  EXPECT_EQ(limiter.time_until_allowed(now), 100ms);
  EXPECT_EQ(limiter.time_until_allowed(now + 60ms), 40ms);
  EXPECT_EQ(limiter.time_until_allowed(now + 100ms), 0ns);
}

TEST(Gcra, HugeBurstOfLongRateStaysInRange) {
  const Rate rate{1, 24h, kMaxRateCount};
  Gcra limiter(std::span(&rate, 1));
  const SteadyTime now{1h};
  for (int i = 0; i < 300; ++i) {
    ASSERT_EQ(limiter.time_until_allowed(now), 0ns);
    limiter.take(now);
  }
}

// Random arrivals, from greedy to sparse, against random pairs of rates.
TEST(Gcra, NeverMoreThanCountPlusBurstInAnyIntervalOfARate) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  const auto between = [&](std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(random);
  };
  for (int round = 0; round < 60; ++round) {
    const std::vector<Rate> rates = {{between(1, 70), 1s, between(1, 20)},
                                     {between(1, 500), 1min, between(1, 40)}};
    Gcra limiter(rates);
    std::vector<SteadyTime> takes;
    SteadyTime now{1h};
    const std::int64_t idle_ns = between(0, 1) == 0 ? 0 : 200'000'000;
    while (takes.size() < 1500) {
      now += limiter.time_until_allowed(now) + nanoseconds(between(0, idle_ns));
      if (limiter.time_until_allowed(now) > 0ns) continue;
      limiter.take(now);
      takes.push_back(now);
    }
    for (const Rate& rate : rates) {
      const auto bound = static_cast<std::size_t>(rate.count + rate.burst);
      for (std::size_t i = 0; i + bound < takes.size(); ++i) {
        ASSERT_GT(takes[i + bound] - takes[i], rate.per) << format_rate(rate) << " from take " << i;
      }
    }
  }
}

TEST(Gcra, GreedyTakerReachesTheRate) {
  const Rate rate{600, 1min, 6};
  Gcra limiter(std::span(&rate, 1));
  SteadyTime now{1h};
  const SteadyTime start = now;
  for (int i = 0; i < 6000; ++i) {
    now += limiter.time_until_allowed(now);
    limiter.take(now);
  }
  EXPECT_LE(now - start, 10min);
  EXPECT_GE(now - start, 9min + 55s);
}

}  // namespace
}  // namespace hongyan::scheduler
