#include "scheduler/lane.h"

#include "scheduler/lane_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>

namespace hongyan::scheduler {
namespace {

using namespace std::chrono_literals;

constexpr TenantNumber kAcme{1};
constexpr JobNumber kSpring{1}, kAutumn{2};
constexpr SteadyTime kNow{1h};

Ruling accepted() {
  return judge({Verdict::kDelivered, Stage::kContent, 250}, {});
}
Ruling unknown_user() {
  return judge({Verdict::kBounced, Stage::kRcpt, 550}, {true, Evidence::kBadMailbox, {}});
}

void push(Lane& lane, JobNumber job, std::uint64_t first, int count) {
  for (int i = 0; i < count; ++i) lane.push(kAcme, job, 5, DeliveryHandle{first + i});
}

TEST(Lane, EmptyWantsNothing) {
  Lane lane({});
  EXPECT_FALSE(lane.can_start(kNow));
  EXPECT_EQ(lane.pop(kNow), std::nullopt);
  EXPECT_EQ(lane.next_wakeup(kNow), std::nullopt);
  EXPECT_EQ(lane.wanted_connections(kNow), 0);
  EXPECT_EQ(lane.tokens_wanted(kNow), 0);
}

TEST(Lane, JobsTakeTurnsEachInItsOrder) {
  Lane lane({});
  push(lane, kSpring, 100, 50);
  push(lane, kAutumn, 200, 50);
  std::uint64_t spring = 100, autumn = 200;
  for (int i = 0; i < 60; ++i) {
    const auto next = lane.pop(kNow);
    ASSERT_TRUE(next);
    EXPECT_EQ(next->delivery, DeliveryHandle{next->job == kSpring ? spring++ : autumn++});
  }
  EXPECT_NEAR(static_cast<double>(spring - 100), 30, 6);
  EXPECT_EQ(lane.waiting(), 40u);
  EXPECT_EQ(lane.in_flight(), 60u);
}

TEST(Lane, WithoutTokensNothingStartsAndTokensBecomeVoid) {
  Lane lane({.rates = {{100, 1s, 100}}});
  push(lane, kSpring, 0, 20);
  EXPECT_FALSE(lane.can_start(kNow));
  EXPECT_EQ(lane.next_wakeup(kNow), std::nullopt);
  EXPECT_EQ(lane.tokens_wanted(kNow), 8);
  lane.grant(8, kNow + 1s);
  EXPECT_EQ(lane.tokens_wanted(kNow), 0);
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(lane.pop(kNow));
  EXPECT_FALSE(lane.can_start(kNow + 1s));
  EXPECT_EQ(lane.pop(kNow + 1s), std::nullopt);
  EXPECT_GT(lane.tokens_wanted(kNow + 1s), 0);
  lane.grant(2, kNow + 2s);
  EXPECT_TRUE(lane.pop(kNow + 1s));
  EXPECT_TRUE(lane.pop(kNow + 1s));
  EXPECT_FALSE(lane.pop(kNow + 1s));
}

TEST(Lane, HoardedTokensCannotExceedTheRate) {
  Lane lane({.rates = {{10, 1s, 2}}});
  push(lane, kSpring, 0, 100);
  lane.grant(50, kNow + 1h);
  int started = 0;
  for (SteadyTime at = kNow; at <= kNow + 1s; at += 1ms) started += lane.pop(at) ? 1 : 0;
  EXPECT_EQ(started, 12);
  EXPECT_EQ(lane.next_wakeup(kNow + 1s), kNow + 1s + 100ms);
}

TEST(Lane, RemoveJobGivesItsWaitingDeliveriesBack) {
  Lane lane({});
  push(lane, kSpring, 100, 3);
  push(lane, kAutumn, 200, 2);
  EXPECT_EQ(lane.remove_job(kSpring).size(), 3u);
  EXPECT_EQ(lane.remove_job(kSpring).size(), 0u);
  EXPECT_EQ(lane.pop(kNow)->job, kAutumn);
  EXPECT_EQ(lane.pop(kNow)->job, kAutumn);
  EXPECT_EQ(lane.pop(kNow), std::nullopt);
}

TEST(Lane, RemoveBeyondTakesEvenlyTheNewest) {
  Lane lane({});
  push(lane, kSpring, 100, 10);
  push(lane, kAutumn, 200, 2);
  const auto taken = lane.remove_beyond(5);
  EXPECT_EQ(taken.size(), 7u);
  EXPECT_EQ(lane.waiting(), 5u);
  EXPECT_EQ(
      std::ranges::count_if(taken, [](DeliveryHandle one) { return one >= DeliveryHandle{200}; }),
      2);
  EXPECT_EQ(lane.pop(kNow)->delivery, DeliveryHandle{100});
  EXPECT_EQ(lane.remove_beyond(0).size(), 4u);
  EXPECT_FALSE(lane.can_start(kNow));
  push(lane, kAutumn, 300, 1);
  EXPECT_EQ(lane.pop(kNow)->delivery, DeliveryHandle{300});
}

TEST(Lane, WantedConnectionsFollowBacklogWindowAndRate) {
  Lane lane({.connections = 10, .rates = {}});
  push(lane, kSpring, 0, 1);
  EXPECT_EQ(lane.wanted_connections(kNow), 1);
  push(lane, kSpring, 1, 500);
  EXPECT_EQ(lane.wanted_connections(kNow), 2);
  for (int i = 0; i < 200; ++i) {
    ASSERT_TRUE(lane.pop(kNow));
    lane.settle(accepted(), "250", kNow);
  }
  EXPECT_EQ(lane.wanted_connections(kNow), 10);
  Lane slow({.connections = 10, .rates = {{1, 1min, 1}}});
  push(slow, kSpring, 0, 500);
  EXPECT_EQ(slow.wanted_connections(kNow), 1);
}

TEST(Lane, PausedStartsNothingAndSaysWhenItWill) {
  Lane lane({});
  push(lane, kSpring, 0, 10);
  ASSERT_TRUE(lane.pop(kNow));
  lane.settle(judge({Verdict::kUntried, Stage::kGreeting, 554}, {}), "554 no", kNow);
  EXPECT_FALSE(lane.can_start(kNow));
  EXPECT_EQ(lane.wanted_connections(kNow), 0);
  EXPECT_EQ(lane.next_wakeup(kNow), kNow + 30min);
  EXPECT_TRUE(lane.pop(kNow + 30min));
}

TEST(Lane, BadAddressesSlowItAtThreeAndPauseItAtTenPercent) {
  Lane lane({});
  push(lane, kSpring, 0, 1000);
  SteadyTime at = kNow;
  for (int i = 0; i < 100 && lane.pace().mode(at) == Mode::kNormal; ++i, at += 100ms) {
    ASSERT_TRUE(lane.pop(at));
    lane.settle(i % 14 == 0 ? unknown_user() : accepted(), "", at);
  }
  EXPECT_EQ(lane.pace().mode(at), Mode::kSlow);
  EXPECT_EQ(lane.pace().reason(at), PaceReason::kBadAddresses);
  EXPECT_NE(lane.pace().reply(at).find("addresses invalid"), std::string_view::npos);

  Lane worse({});
  push(worse, kSpring, 0, 1000);
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(worse.pop(kNow));
    worse.settle(i % 4 == 0 ? unknown_user() : accepted(), "", kNow);
  }
  EXPECT_EQ(worse.pace().mode(kNow), Mode::kPaused);
  EXPECT_EQ(worse.next_wakeup(kNow), kNow + 1h);
}

TEST(Lane, BouncesByMailCountAsThoseInTheDialogue) {
  Lane lane({});
  push(lane, kSpring, 0, 100);
  for (int i = 0; i < 60; ++i) {
    ASSERT_TRUE(lane.pop(kNow));
    lane.settle(accepted(), "", kNow);
  }
  lane.correct_accepted(2, kNow);
  EXPECT_EQ(lane.pace().mode(kNow), Mode::kNormal);
  lane.correct_accepted(12, kNow);
  EXPECT_EQ(lane.pace().mode(kNow), Mode::kPaused);
  EXPECT_EQ(lane.pace().reason(kNow), PaceReason::kBadAddresses);

  // Without what it accepted there is nothing to correct; with the counts that were kept there is.
  Lane fresh({});
  fresh.correct_accepted(50, kNow);
  EXPECT_EQ(fresh.pace().mode(kNow), Mode::kNormal);
  fresh.restore_breaker(60, 2);
  fresh.correct_accepted(12, kNow);
  EXPECT_EQ(fresh.pace().mode(kNow), Mode::kPaused);
}

TEST(LaneTable, MakesLanesOnDemandAndDropsIdleOnes) {
  LaneTable table;
  const LaneKey key{"netease", "src-1"};
  EXPECT_EQ(table.find_lane(key), nullptr);
  Lane& lane = table.get_or_create(key, {.connections = 4, .rates = {}});
  EXPECT_EQ(&table.get_or_create(key, {}), &lane);
  push(lane, kSpring, 0, 1);
  EXPECT_TRUE(table.drop_idle(kNow, 1min).empty());
  ASSERT_TRUE(lane.pop(kNow));
  lane.settle(accepted(), "", kNow);
  EXPECT_TRUE(table.drop_idle(kNow, 1min).empty());
  EXPECT_EQ(table.drop_idle(kNow + 1min, 1min), std::vector{key});
  EXPECT_EQ(table.size(), 0u);
}

TEST(LaneTable, KeepsALaneThatHasSomethingToRemember) {
  LaneTable table;
  Lane& lane = table.get_or_create({"qq", "src-1"}, {});
  lane.pace().react({LaneReaction::Kind::kPause, 1h}, "550", kNow);
  EXPECT_TRUE(table.drop_idle(kNow, 0ms).empty());
  EXPECT_TRUE(table.drop_idle(kNow + 2h, 0ms).empty());
  EXPECT_EQ(table.drop_idle(kNow + 25h, 0ms).size(), 1u);
}

TEST(LaneTable, RemoveJobReachesAllLanes) {
  LaneTable table;
  push(table.get_or_create({"a", "s"}, {}), kSpring, 0, 2);
  push(table.get_or_create({"b", "s"}, {}), kSpring, 10, 3);
  EXPECT_EQ(table.remove_job(kSpring).size(), 5u);
}

}  // namespace
}  // namespace hongyan::scheduler
