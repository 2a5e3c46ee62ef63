#include "scheduler/breaker.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <tuple>
#include <vector>

namespace hongyan::scheduler {
namespace {

TEST(Wilson, KnownValues) {
  EXPECT_DOUBLE_EQ(wilson_lower(0, 0), 0);
  EXPECT_NEAR(wilson_lower(100, 0), 0, 1e-12);
  EXPECT_NEAR(wilson_lower(50, 4), 0.0439, 1e-3);
  EXPECT_NEAR(wilson_lower(1000, 38), 0.0310, 1e-3);
  EXPECT_NEAR(wilson_lower(10, 10), 0.859, 1e-3);
}

TEST(Breaker, NoVerdictBeforeFiftyOutcomes) {
  EXPECT_FALSE(breaker_trips(49, 49, 49, 49));
  EXPECT_TRUE(breaker_trips(50, 50, 50, 50));
}

TEST(Breaker, UpToThousandTheWilsonBoundDecides) {
  EXPECT_FALSE(breaker_trips(50, 3, 50, 3));  // 6 %, but the bound is 2.9 %
  EXPECT_TRUE(breaker_trips(50, 4, 50, 4));
  EXPECT_FALSE(breaker_trips(1000, 36, 1000, 36));
  EXPECT_TRUE(breaker_trips(1000, 38, 1000, 38));
}

TEST(Breaker, AfterThousandTheRecentOnesDecide) {
  EXPECT_FALSE(breaker_trips(1001, 50, 1000, 50));
  EXPECT_TRUE(breaker_trips(1001, 51, 1000, 51));
  EXPECT_TRUE(breaker_trips(1'000'000, 60, 1000, 51));
}

TEST(Breaker, FromTwoThousandOnTheCumulativeRateDecidesToo) {
  EXPECT_FALSE(breaker_trips(1999, 60, 1000, 30));
  EXPECT_TRUE(breaker_trips(2000, 60, 1000, 30));
  EXPECT_FALSE(breaker_trips(2000, 59, 1000, 30));
}

TEST(Breaker, RingForgetsWhatIsOlderThanAThousand) {
  Breaker breaker;
  for (int i = 0; i < 1000; ++i) i % 50 == 0 ? breaker.record_bad() : breaker.record_accepted();
  EXPECT_EQ(breaker.verdict().recent_bad, 20);
  for (int i = 0; i < 999; ++i) breaker.record_accepted();
  EXPECT_EQ(breaker.verdict().recent_bad, 0);
  EXPECT_EQ(breaker.verdict().bad, 20);
  EXPECT_EQ(breaker.verdict().n, 1999);
}

TEST(Breaker, AMailCorrectsWhatWasCountedAsAccepted) {
  Breaker breaker;
  for (int i = 0; i < 80; ++i) breaker.record_accepted();
  breaker.correct(12);
  EXPECT_EQ(breaker.verdict().n, 80);
  EXPECT_EQ(breaker.verdict().bad, 12);
  EXPECT_EQ(breaker.verdict().recent_bad, 12);
  EXPECT_TRUE(breaker.verdict().trips);
  breaker.correct(100);
  EXPECT_EQ(breaker.verdict().bad, 80);
  EXPECT_EQ(breaker.verdict().recent_bad, 80);
  Breaker none;
  none.correct(5);
  EXPECT_EQ(none.bad(), 0);
}

TEST(Breaker, CountsThatWereKeptGoOn) {
  for (const auto& [n, bad, recent_bad] : {std::tuple{0, 0, 0}, std::tuple{80, 12, 12},
                                           std::tuple{1000, 37, 37}, std::tuple{4000, 120, 30}}) {
    const BreakerVerdict verdict = Breaker::restored(n, bad).verdict();
    EXPECT_EQ(verdict.n, n);
    EXPECT_EQ(verdict.bad, bad) << n;
    EXPECT_EQ(verdict.recent_bad, recent_bad) << n;
  }
  EXPECT_EQ(Breaker::restored(5, 6).n(), 0);
  Breaker breaker = Breaker::restored(1500, 15);
  for (int i = 0; i < 1000; ++i) breaker.record_accepted();
  EXPECT_EQ(breaker.verdict().recent_bad, 0);
}

TEST(Breaker, VerdictCarriesItsNumbers) {
  Breaker breaker;
  for (int i = 0; i < 80; ++i) i < 12 ? breaker.record_bad() : breaker.record_accepted();
  const BreakerVerdict verdict = breaker.verdict();
  EXPECT_TRUE(verdict.trips);
  EXPECT_DOUBLE_EQ(verdict.rate, 0.15);
  EXPECT_DOUBLE_EQ(verdict.bound, wilson_lower(80, 12));
  EXPECT_EQ(verdict.sentence(),
            "12 of 80 addresses invalid (15.0 %, surely above 10.6 %; limit 3 %)");
}

TEST(Breaker, CanaryIsFiftyThenGrowsWithTheEvidence) {
  EXPECT_EQ(allowed_out(0), 50);
  EXPECT_EQ(allowed_out(50), 50);
  EXPECT_EQ(allowed_out(51), 51);
  EXPECT_EQ(allowed_out(100'000), 100'000);
}

TEST(SourceBreaker, SlowsAtThreeAndStopsAtTenPercent) {
  SourceBreaker breaker;
  std::string numbers;
  for (int i = 0; i < 96; ++i) breaker.record_accepted();
  EXPECT_EQ(breaker.take_verdict(numbers), SourceVerdict::kFine);
  for (int i = 0; i < 7; ++i) breaker.record_bad();
  EXPECT_EQ(breaker.take_verdict(numbers), SourceVerdict::kSlow);
  EXPECT_EQ(breaker.take_verdict(numbers), SourceVerdict::kFine) << "once for the same evidence";
  // Fifty more answers, and it stops for all of them.
  for (int i = 0; i < 49; ++i) {
    i < 20 ? breaker.record_bad() : breaker.record_accepted();
    EXPECT_EQ(breaker.take_verdict(numbers), SourceVerdict::kFine) << i;
  }
  breaker.record_accepted();
  EXPECT_EQ(breaker.take_verdict(numbers), SourceVerdict::kStop);
  EXPECT_NE(numbers.find("27 of 153"), std::string::npos) << numbers;
  EXPECT_EQ(breaker.counts().n(), 0) << "the lane finds its way back";
}

// 14 bounces by mail of 60 stop a source, in whatever portions they are told.
TEST(SourceBreaker, SignsInPortionsMeanWhatTheyMeanTogether) {
  for (const std::int64_t first : {0, 3, 6, 10}) {
    SourceBreaker breaker;
    std::string numbers;
    for (int i = 0; i < 60; ++i) breaker.record_accepted();
    breaker.correct(first);
    const SourceVerdict early = breaker.take_verdict(numbers);
    breaker.correct(14 - first);
    EXPECT_EQ(std::max(early, breaker.take_verdict(numbers)), SourceVerdict::kStop) << first;
  }
}

// One address in eight is bad: that is above ten percent, and each new fifty would slow it at
// least.
TEST(SourceBreaker, WhatIsSlowedAgainAndAgainIsStopped) {
  SourceBreaker breaker;
  std::string numbers;
  SourceVerdict verdict = SourceVerdict::kFine;
  int slowed = 0;
  for (int i = 1; i <= 2000 && verdict != SourceVerdict::kStop; ++i) {
    i % 8 == 0 ? breaker.record_bad() : breaker.record_accepted();
    verdict = breaker.take_verdict(numbers);
    slowed += verdict == SourceVerdict::kSlow ? 1 : 0;
  }
  EXPECT_EQ(verdict, SourceVerdict::kStop);
  EXPECT_GT(slowed, 0);
}

// A list of which half is bad, on a lane that has known some good ones: it trips, the lane is not
// stopped.
TEST(SourceBreaker, TheJobToBlameTripsFirst) {
  for (int before = 40; before <= 200; before += 10) {
    SourceBreaker lane;
    Breaker job;
    std::string numbers;
    for (int i = 0; i < before; ++i) lane.record_accepted();
    SourceVerdict worst = SourceVerdict::kFine;
    for (int i = 0; !job.verdict().trips; ++i) {
      i % 2 == 0 ? job.record_bad() : job.record_accepted();
      if (job.verdict().trips) break;
      i % 2 == 0 ? lane.record_bad() : lane.record_accepted();
      worst = std::max(worst, lane.take_verdict(numbers));
    }
    EXPECT_NE(worst, SourceVerdict::kStop) << before;
  }
}

TEST(SourceBreaker, KeptCountsSlowNobodyTwice) {
  std::string numbers;
  SourceBreaker slowed = SourceBreaker::restored(60, 6);
  EXPECT_EQ(slowed.take_verdict(numbers), SourceVerdict::kFine);
  slowed.correct(8);
  EXPECT_EQ(slowed.take_verdict(numbers), SourceVerdict::kStop);
  SourceBreaker fine = SourceBreaker::restored(60, 2);
  fine.correct(3);
  EXPECT_EQ(fine.take_verdict(numbers), SourceVerdict::kSlow);
}

// A list of `size` addresses with the true rate; outcomes until the trip, or 0.
std::int64_t run_list(double true_rate, std::int64_t size, std::mt19937_64& random) {
  std::bernoulli_distribution is_bad(true_rate);
  Breaker breaker;
  for (std::int64_t i = 1; i <= size; ++i) {
    is_bad(random) ? breaker.record_bad() : breaker.record_accepted();
    if (breaker.verdict().trips) return i;
  }
  return 0;
}

double tripped_share(double true_rate, std::int64_t size, int lists, std::mt19937_64& random) {
  int tripped = 0;
  for (int i = 0; i < lists; ++i) tripped += run_list(true_rate, size, random) > 0 ? 1 : 0;
  return tripped / static_cast<double>(lists);
}

std::int64_t median_stop(double true_rate, std::mt19937_64& random) {
  std::vector<std::int64_t> stops(1001);
  for (auto& stop : stops) {
    stop = run_list(true_rate, 100'000, random);
    EXPECT_GT(stop, 0);
  }
  std::ranges::nth_element(stops, stops.begin() + 500);
  return stops[500];
}

// The numbers of DESIGN 3.4, from a fixed seed; 1,000 lists give +-2 points at two sigma.
TEST(BreakerSimulation, HealthyListsMostlyPassWhateverTheirSize) {
  std::mt19937_64 random(34);
  EXPECT_LT(tripped_share(0.01, 5'000, 300, random), 0.02);
  for (const std::int64_t size : {1'000, 5'000}) {
    const double share = tripped_share(0.02, size, 1000, random);
    EXPECT_GE(share, 0.08) << size;
    EXPECT_LE(share, 0.15) << size;
  }
}

TEST(BreakerSimulation, BadListsAreStoppedEarly) {
  std::mt19937_64 random(34);
  const auto five = median_stop(0.05, random);
  EXPECT_GE(five, 60);
  EXPECT_LE(five, 100);
  const auto ten = median_stop(0.10, random);
  EXPECT_GE(ten, 50);
  EXPECT_LE(ten, 60);
}

}  // namespace
}  // namespace hongyan::scheduler
