#include "scheduler/warmup.h"

#include "scheduler/lane.h"
#include "scheduler/lane_table.h"

#include <gtest/gtest.h>

#include <chrono>

namespace hongyan::scheduler {
namespace {

using namespace std::chrono_literals;

constexpr SteadyTime kNow{1h};
constexpr SteadyTime kMidnight = kNow + 8h;

TEST(WarmupCap, FollowsTheCurveAndEndsBehindIt) {
  const std::vector<std::int64_t> curve{50, 70, 98};
  EXPECT_EQ(warmup_cap(curve, 0), 0);
  EXPECT_EQ(warmup_cap(curve, 1), 50);
  EXPECT_EQ(warmup_cap(curve, 3), 98);
  EXPECT_EQ(warmup_cap(curve, 4), std::nullopt);
}

TEST(WarmupVerdict, FewEventsProveNothingAndManyStopTheDay) {
  const struct {
    WarmupSigns signs;
    WarmupVerdict verdict;
  } cases[] = {
      {{0, 0, 0}, WarmupVerdict::kGood},
      {{1, 1, 0}, WarmupVerdict::kGood},
      {{100, 2, 0}, WarmupVerdict::kGood},
      {{99, 2, 0}, WarmupVerdict::kHold},
      {{100, 3, 0}, WarmupVerdict::kHold},
      {{99, 3, 0}, WarmupVerdict::kStepBack},
      {{100, 5, 0}, WarmupVerdict::kStepBack},
      {{100, 6, 0}, WarmupVerdict::kStop},
      {{4, 4, 0}, WarmupVerdict::kStop},
      {{1000, 0, 1}, WarmupVerdict::kHold},
      {{100, 0, 3}, WarmupVerdict::kStepBack},
      {{100, 0, 6}, WarmupVerdict::kStop},
      {{5, 0, 4}, WarmupVerdict::kStepBack},
      // By mail: more than was answered today may come back.
      {{0, 3, 0}, WarmupVerdict::kStepBack},
      {{0, 4, 0}, WarmupVerdict::kStop},
      {{1001, 0, 0, 1}, WarmupVerdict::kGood},
      {{1000, 0, 0, 1}, WarmupVerdict::kHold},
      {{1000, 0, 0, 2}, WarmupVerdict::kStepBack},
      {{1001, 0, 0, 2}, WarmupVerdict::kHold},
      {{1000, 0, 0, 3}, WarmupVerdict::kStop},
      {{1001, 0, 0, 3}, WarmupVerdict::kStepBack},
      {{50, 0, 0, 1}, WarmupVerdict::kHold},
      {{0, 0, 0, 3}, WarmupVerdict::kStop},
  };
  for (const auto& [signs, verdict] : cases)
    EXPECT_EQ(judge_warmup(signs), verdict)
        << signs.answered << ' ' << signs.bad << ' ' << signs.refused << ' ' << signs.complaints;
}

TEST(WarmupDay, SaysWhatItSentAndWhyItStopped) {
  EXPECT_EQ((WarmupDay{3, 98, 98, {}, {}}).sentence(), "warm-up day 3: 98 of 98 sent");
  EXPECT_EQ((WarmupDay{0, 0, 0, {}, {}}).sentence(), "warm-up has not begun");
  EXPECT_EQ((WarmupDay{40, std::nullopt, 7, {}, {}}).sentence(), "warm-up day 40: warm, 7 sent");
  EXPECT_EQ(
      (WarmupDay{3, 98, 50, {50, 4, 0}, WarmupVerdict::kStop}).sentence(),
      "warm-up day 3: 50 of 98 sent, stopped for today: 8 % of 50 answers were bad addresses");
  EXPECT_EQ((WarmupDay{3, 98, 50, {50, 0, 1}, WarmupVerdict::kHold}).sentence(),
            "warm-up day 3: 50 of 98 sent, held at this day: 1 refusal of the source");
  EXPECT_EQ((WarmupDay{3, 98, 1, {1, 5, 0, 2}, WarmupVerdict::kStop}).sentence(),
            "warm-up day 3: 1 of 98 sent, stopped for today: 5 messages came back for bad "
            "addresses, 2 complaints");
}

TEST(WarmupGate, WithoutACurveIsOpen) {
  WarmupGate gate(false);
  EXPECT_TRUE(gate.may_take(kNow));
  gate.take(kNow);
  EXPECT_EQ(gate.wanted(100, kNow), 0);
}

TEST(WarmupGate, LeasesLastUntilTheDayEnds) {
  WarmupGate gate(true);
  EXPECT_FALSE(gate.may_take(kNow));
  EXPECT_EQ(gate.wanted(10, kNow), 10);
  gate.grant(10, kNow, kMidnight);
  EXPECT_EQ(gate.wanted(10, kNow), 0);
  EXPECT_TRUE(gate.may_take(kMidnight - 1s));
  EXPECT_FALSE(gate.may_take(kMidnight));
  EXPECT_EQ(gate.wanted(10, kMidnight), 10);
  gate.grant(3, kMidnight, kMidnight + 24h);  // yesterday's are not added
  for (int i = 0; i < 3; ++i) gate.take(kMidnight);
  EXPECT_FALSE(gate.may_take(kMidnight));
}

TEST(WarmupGate, LeasesOfOneDayAddUpThoughClocksDrift) {
  WarmupGate gate(true);
  gate.grant(2, kNow, kMidnight);
  gate.grant(1, kNow + 1s, kMidnight + 1us);
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(gate.may_take(kNow + 2s));
    gate.take(kNow + 2s);
  }
  EXPECT_FALSE(gate.may_take(kNow + 2s));
}

TEST(WarmupGate, WhatDidNotLeaveComesBack) {
  WarmupGate gate(true);
  gate.grant(1, kNow, kMidnight);
  gate.take(kNow);
  EXPECT_FALSE(gate.may_take(kNow));
  gate.give_back(kNow);
  EXPECT_TRUE(gate.may_take(kNow));
  EXPECT_EQ(gate.return_all(kNow), 1);
  EXPECT_FALSE(gate.may_take(kNow));
}

TEST(WarmupGate, ClosedWhenNothingIsLeftToTake) {
  WarmupGate gate(true);
  gate.grant(1, kNow, kMidnight);
  gate.close(kMidnight, false);
  EXPECT_EQ(gate.closed_until(kNow), std::nullopt);
  gate.take(kNow);
  EXPECT_EQ(gate.closed_until(kNow), kMidnight);
  EXPECT_EQ(gate.wanted(10, kNow), 0);
  EXPECT_EQ(gate.closed_until(kMidnight), std::nullopt);
  EXPECT_EQ(gate.wanted(10, kMidnight), 10);
}

TEST(WarmupGate, BadSignsCloseAtOnce) {
  WarmupGate gate(true);
  gate.grant(5, kNow, kMidnight);
  gate.close(kMidnight, true);
  EXPECT_EQ(gate.closed_until(kNow), kMidnight);
}

TEST(WarmupGate, AWarmSourceNeedsNoLeaseToday) {
  WarmupGate gate(true);
  gate.open(kMidnight);
  for (int i = 0; i < 1000; ++i) gate.take(kNow);
  EXPECT_EQ(gate.wanted(10, kNow), 0);
  EXPECT_EQ(gate.wanted(10, kMidnight), 10);
}

void push(Lane& lane, int count) {
  for (int i = 0; i < count; ++i)
    lane.push(TenantNumber{1}, JobNumber{1}, 5, DeliveryHandle{static_cast<std::uint64_t>(i)});
}

TEST(LaneWarmup, TheDaysCapHoldsAndSaysSo) {
  Lane lane({.warmup = {2, 4}});
  push(lane, 5);
  EXPECT_EQ(lane.held_by(kNow), "tokens");
  EXPECT_FALSE(lane.pop(kNow));
  lane.warmup().grant(2, kNow, kMidnight);
  EXPECT_TRUE(lane.pop(kNow));
  EXPECT_TRUE(lane.pop(kNow));
  EXPECT_FALSE(lane.pop(kNow));
  lane.give_back(kNow);
  EXPECT_TRUE(lane.pop(kNow));
  lane.settle(judge({Verdict::kDelivered, Stage::kContent, 250}, {}), "", kNow);
  EXPECT_FALSE(lane.pop(kNow));
  lane.warmup().close(kMidnight, false);
  EXPECT_EQ(lane.held_by(kNow), "warm-up");
  EXPECT_EQ(lane.next_wakeup(kNow), kMidnight);
}

TEST(LaneWarmup, AClosedLaneLeasesNoTokensOfItsRates) {
  Lane lane({.rates = {{100, 1s, 100}}, .warmup = {2}});
  push(lane, 5);
  EXPECT_GT(lane.tokens_wanted(kNow), 0);
  lane.warmup().close(kMidnight, true);
  EXPECT_EQ(lane.tokens_wanted(kNow), 0);
}

TEST(LaneWarmup, AClosedLaneIsRememberedWhileIdle) {
  LaneTable table;
  Lane& lane = table.get_or_create({"qq", "s1"}, {.warmup = {2}});
  lane.warmup().close(kNow + 10min, true);
  table.drop_idle(kNow, 60s);
  EXPECT_TRUE(table.drop_idle(kNow + 2min, 60s).empty());
  table.drop_idle(kNow + 11min, 60s);
  EXPECT_EQ(table.drop_idle(kNow + 13min, 60s).size(), 1u);
}

}  // namespace
}  // namespace hongyan::scheduler
