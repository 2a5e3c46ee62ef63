#include "scheduler/rate.h"
#include "store/lane_store.h"
#include "tests/integration/store/store_fixture.h"

#include <algorithm>
#include <random>

namespace hongyan::store::test {
namespace {

using scheduler::Rate;

class Lanes : public StoreTest {
 protected:
  LaneStore& lanes() {
    if (!lanes_) lanes_.emplace(store());
    return *lanes_;
  }
  Ownership own(std::string engine) {
    return run(lanes().own_source("s1", std::move(engine), Millis{60'000}));
  }
  TokenGrant tokens(std::vector<Rate> rates, std::int64_t wanted) {
    return run(lanes().tokens("s1", "qq", std::move(rates), wanted));
  }

 private:
  std::optional<LaneStore> lanes_;
};

TEST_F(Lanes, SourceHasOneOwnerUntilItsLeaseEnds) {
  EXPECT_TRUE(own("e1").mine);
  EXPECT_FALSE(own("e2").mine);
  run(lanes().disown_source("s1", "e2"));
  EXPECT_TRUE(own("e1").mine);
  call({"HSET", keys::source("s1"), "until", "1"});
  EXPECT_TRUE(own("e2").mine);
  run(lanes().disown_source("s1", "e2"));
  EXPECT_TRUE(own("e1").mine);
}

TEST_F(Lanes, ASourceIsOwnedWhileItsLeaseLasts) {
  const auto owned = [this] { return run(lanes().sources_owned({"s1", "s2"})); };
  const auto is = [](bool s1, bool s2) {
    return std::map<std::string, bool>{{"s1", s1}, {"s2", s2}};
  };
  EXPECT_EQ(owned(), is(false, false));
  own("e1");
  EXPECT_EQ(owned(), is(true, false));
  call({"HSET", keys::source("s1"), "until", "1"});  // its engine died
  EXPECT_EQ(owned(), is(false, false));
  own("e2");
  run(lanes().disown_source("s1", "e2"));
  EXPECT_EQ(owned(), is(false, false));
}

TEST_F(Lanes, ARefIsOfOneLaneForEver) {
  EXPECT_TRUE(run(lanes().name_lane("aaaaaa", "s1", "qq")));
  EXPECT_TRUE(run(lanes().name_lane("aaaaaa", "s1", "qq")));
  EXPECT_FALSE(run(lanes().name_lane("aaaaaa", "s2", "qq")));
}

TEST_F(Lanes, WhatComesBackIsTheOwnersOnce) {
  run(lanes().name_lane("aaaaaa", "s1", "qq"));
  run(lanes().name_lane("bbbbbb", "s1", "other"));
  run(lanes().name_lane("cccccc", "s2", "qq"));
  EXPECT_TRUE(run(lanes().add_late_sign("aaaaaa", LateSign::kBadAddress)));
  EXPECT_TRUE(run(lanes().add_late_sign("aaaaaa", LateSign::kBadAddress)));
  EXPECT_TRUE(run(lanes().add_late_sign("aaaaaa", LateSign::kComplaint)));
  EXPECT_TRUE(run(lanes().add_late_sign("bbbbbb", LateSign::kComplaint)));
  EXPECT_TRUE(run(lanes().add_late_sign("cccccc", LateSign::kBadAddress)));
  EXPECT_FALSE(run(lanes().add_late_sign("dddddd", LateSign::kBadAddress)));
  auto signs = own("e1").signs;
  std::ranges::sort(signs, {}, &LateSigns::provider);
  EXPECT_EQ(signs, (std::vector<LateSigns>{{"s1", "other", 0, 1}, {"s1", "qq", 2, 1}}));
  EXPECT_TRUE(own("e1").signs.empty());
  // Who does not own it gets none.
  run(lanes().add_late_sign("aaaaaa", LateSign::kComplaint));
  EXPECT_TRUE(own("e2").signs.empty());
  EXPECT_EQ(own("e1").signs.size(), 1u);
}

TEST_F(Lanes, BurstIsGrantedAtOnceAndThenTheRate) {
  const std::vector<Rate> rates{{3600, Millis{3'600'000}, 10}};
  EXPECT_EQ(tokens(rates, 100).granted, 10);
  const auto none = tokens(rates, 100);
  EXPECT_LE(none.granted, 1);
  if (none.granted == 0) {
    EXPECT_GT(none.retry_after.count(), 0);
    EXPECT_LE(none.retry_after.count(), 1000);
  }
}

TEST_F(Lanes, GrantIsWhatTheSchedulersRuleAllowsForAnyHistory) {
  std::mt19937_64 random(3);
  for (int i = 0; i < 200; ++i) {
    const Rate rate{static_cast<std::int64_t>(1 + random() % 100), Millis{3'600'000},
                    static_cast<std::int64_t>(1 + random() % 20)};
    const std::int64_t step_us = 3'600'000'000 / rate.count;
    // The theoretical arrival time some steps ahead of now, half a step off any border.
    const std::int64_t ahead =
        static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(rate.burst + 3));
    const std::int64_t tat = (now_ms() * 1000) + ahead * step_us - step_us / 2;
    call({"DEL", keys::lane_tokens("s1", "qq")});
    call({"HSET", keys::lane_tokens("s1", "qq"), std::to_string(rate.count) + "/3600000",
          std::to_string(tat)});
    scheduler::Gcra gcra(std::vector<Rate>{rate});
    // The same history for the scheduler's own: `ahead` takes half a step ago.
    const SteadyTime now{std::chrono::hours(1000)};
    const auto before = now - std::chrono::microseconds(step_us / 2);
    for (std::int64_t k = 0; k < ahead; ++k) gcra.take(before);
    std::int64_t allowed = 0;
    while (gcra.time_until_allowed(now).count() == 0) {
      gcra.take(now);
      ++allowed;
    }
    ASSERT_EQ(tokens({rate}, 1000).granted, allowed)
        << rate.count << " " << rate.burst << " " << ahead;
  }
}

TEST_F(Lanes, NoMoreThanRateAndBurstOverEnginesInAnyInterval) {
  const std::vector<Rate> rates{{200, Millis{1000}, 5}, {10'000, Millis{3'600'000}, 400}};
  std::vector<std::int64_t> at;
  const std::int64_t end = now_ms() + 2500;
  while (now_ms() < end) {
    // A grant happens between the two looks at the clock: the earlier one is kept.
    const std::int64_t now = now_ms();
    const auto granted = tokens(rates, 7).granted;
    for (std::int64_t i = 0; i < granted; ++i) at.push_back(now);
  }
  EXPECT_GT(at.size(), 300u);
  EXPECT_LE(at.size(), 408u);
  for (std::size_t i = 0; i < at.size(); ++i) {
    std::size_t inside = 0;
    // 980 ms: what a loaded machine may move a look at the clock by.
    while (i + inside < at.size() && at[i + inside] <= at[i] + 980) ++inside;
    ASSERT_LE(inside, 205u);
  }
}

TEST_F(Lanes, LargeBurstIsNotForgottenBeforeItIsPaidBack) {
  const std::vector<Rate> rates{{1, Millis{1000}, 100}};
  EXPECT_EQ(tokens(rates, 100).granted, 100);
  EXPECT_GT(call({"PTTL", keys::lane_tokens("s1", "qq")}).integer(), 95'000);
}

TEST_F(Lanes, PaceIsKeptAWeek) {
  run(lanes().save_pace("s1", "qq", {{"mode", "slow"}, {"rate", "3"}}));
  EXPECT_EQ(run(lanes().load_pace("s1", "qq")).at("mode"), "slow");
  EXPECT_GT(call({"TTL", keys::lane_pace("s1", "qq")}).integer(), 600'000);
}

}  // namespace
}  // namespace hongyan::store::test
