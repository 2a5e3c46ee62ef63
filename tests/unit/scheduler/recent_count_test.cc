#include "scheduler/recent_count.h"

#include <gtest/gtest.h>

namespace hongyan::scheduler {
namespace {

using namespace std::chrono_literals;

// `per_second` counts for so long, evenly.
void count(RecentCount& counter, ManualClock& clock, int per_second, std::chrono::seconds length) {
  for (int i = 0; i < per_second * length.count(); ++i) {
    counter.count(clock.steady());
    clock.advance(1000ms / per_second);
  }
}

TEST(RecentCount, TellsOfTheLastMinuteOnly) {
  RecentCount counter(1min);
  ManualClock clock;
  EXPECT_EQ(counter.within(clock.steady()), 0);
  count(counter, clock, 5, 10s);
  EXPECT_EQ(counter.within(clock.steady()), 50);
  EXPECT_FALSE(counter.covers_all(clock.steady()));
  count(counter, clock, 5, 80s);
  EXPECT_NEAR(counter.within(clock.steady()), 300, 3);
  EXPECT_TRUE(counter.covers_all(clock.steady()));
  count(counter, clock, 1, 150s);
  EXPECT_NEAR(counter.within(clock.steady()), 60, 2);
}

TEST(RecentCount, FadesInSilenceAndStartsAnewAfterIt) {
  RecentCount counter(1min);
  ManualClock clock;
  count(counter, clock, 5, 120s);
  clock.advance(30s);
  EXPECT_NEAR(counter.within(clock.steady()), 150, 10);
  clock.advance(60s);
  EXPECT_EQ(counter.within(clock.steady()), 0);
  EXPECT_FALSE(counter.covers_all(clock.steady()));
  counter.count(clock.steady());
  EXPECT_EQ(counter.within(clock.steady()), 1);
}

TEST(RecentCount, SparseCountsKeepTheirPeriods) {
  RecentCount counter(1min);
  ManualClock clock;
  for (int i = 0; i < 20; ++i) {
    counter.count(clock.steady());
    clock.advance(50s);
    EXPECT_GE(counter.within(clock.steady()), 0.4);
    EXPECT_LE(counter.within(clock.steady()), 2);
  }
}

}  // namespace
}  // namespace hongyan::scheduler
