#include "store/keys.h"
#include "store/warmup_store.h"
#include "tests/integration/store/store_fixture.h"

namespace hongyan::store::test {
namespace {

using scheduler::WarmupDay;
using scheduler::WarmupSigns;
using scheduler::WarmupVerdict;

class Warmup : public StoreTest {
 protected:
  WarmupStore::Ask ask(std::int64_t date, std::int64_t wanted) {
    WarmupStore::Ask one;
    one.source = "s1";
    one.provider = "qq";
    one.start = "2026-11-20";
    one.date = date;
    one.day_ends_ms = now_ms() + 3'600'000;
    one.wanted = wanted;
    one.curve = {10, 20, 40};
    return one;
  }
  WarmupStore::Lease lease(WarmupStore::Ask one) {
    return run(WarmupStore(store()).lease(std::move(one)));
  }
  // As much as there is.
  std::int64_t exhaust(std::int64_t date) {
    std::int64_t all = 0;
    while (const std::int64_t granted = lease(ask(date, 100)).granted) all += granted;
    return all;
  }
  void tell(std::int64_t date, WarmupSigns signs, WarmupVerdict verdict) {
    auto one = ask(date, 0);
    one.signs = signs;
    one.verdict = verdict;
    lease(one);
  }
};

TEST_F(Warmup, NoMoreThanTheCapOfTheDay) {
  EXPECT_EQ(exhaust(1), 10);
  EXPECT_EQ(exhaust(1), 0);
  EXPECT_EQ(exhaust(2), 20);
  EXPECT_EQ(lease(ask(2, 0)).day, (WarmupDay{2, 20, 20, {}, {}}));
}

TEST_F(Warmup, LeasesGetShorterTowardsTheEnd) {
  auto one = ask(3, 100);
  EXPECT_EQ(lease(one).granted, 10);
  EXPECT_EQ(lease(one).granted, 8);
  EXPECT_EQ(lease(ask(3, 2)).granted, 2);
}

TEST_F(Warmup, WhatComesBackMayBeSent) {
  EXPECT_EQ(exhaust(1), 10);
  auto back = ask(1, 0);
  back.returned = 3;
  EXPECT_EQ(lease(back).day.sent, 7);
  EXPECT_EQ(exhaust(1), 3);
}

TEST_F(Warmup, ProvidersAndSourcesAreCountedApart) {
  EXPECT_EQ(exhaust(1), 10);
  auto other = ask(1, 4);
  other.provider = "google";
  EXPECT_EQ(lease(other).granted, 4);
  other.source = "s2";
  EXPECT_EQ(lease(other).granted, 4);
}

TEST_F(Warmup, BehindTheCurveTheSourceIsWarm) {
  const auto warm = lease(ask(4, 100'000));
  EXPECT_EQ(warm.granted, 100'000);
  EXPECT_EQ(warm.day.cap, std::nullopt);
}

TEST_F(Warmup, BeforeItsStartItSendsNothing) {
  EXPECT_EQ(lease(ask(0, 5)).granted, 0);
  EXPECT_EQ(lease(ask(-3, 5)).granted, 0);
  EXPECT_EQ(exhaust(1), 10);
}

TEST_F(Warmup, FirstDayFollowsTheCalendar) {
  EXPECT_EQ(lease(ask(3, 1)).day.day, 3);
}

TEST_F(Warmup, DaysWithoutMailDoNotCount) {
  exhaust(1);
  EXPECT_EQ(lease(ask(9, 1)).day.day, 2);
  tell(20, {}, WarmupVerdict::kGood);  // asked, but nothing was sent
  EXPECT_EQ(lease(ask(21, 1)).day.day, 3);
}

TEST_F(Warmup, AfterAMonthOfSilenceItBeginsAgain) {
  exhaust(3);
  EXPECT_EQ(lease(ask(33, 1)).day.day, 4);
  EXPECT_EQ(lease(ask(64, 1)).day.day, 1);
}

TEST_F(Warmup, SignsHoldTheDayOrTakeOneBack) {
  exhaust(2);
  tell(2, {20, 1, 1}, WarmupVerdict::kHold);
  EXPECT_EQ(lease(ask(3, 1)).day, (WarmupDay{2, 20, 1, {}, {}}));
  tell(3, {20, 1, 0}, WarmupVerdict::kStepBack);
  tell(3, {20, 0, 0}, WarmupVerdict::kGood);  // the worst of the day counts
  const auto back = lease(ask(4, 1)).day;
  EXPECT_EQ(back.day, 1);
  tell(4, {1, 1, 0}, WarmupVerdict::kStepBack);
  EXPECT_EQ(lease(ask(5, 1)).day.day, 1);
}

TEST_F(Warmup, StoppedForToday) {
  EXPECT_EQ(lease(ask(2, 4)).granted, 4);
  tell(2, {4, 4, 0}, WarmupVerdict::kStop);
  const auto stopped = lease(ask(2, 4));
  EXPECT_EQ(stopped.granted, 0);
  EXPECT_EQ(stopped.day, (WarmupDay{2, 20, 4, {4, 4, 0}, WarmupVerdict::kStop}));
  EXPECT_EQ(lease(ask(3, 1)).day.day, 1);
}

TEST_F(Warmup, AnotherStartBeginsAnew) {
  exhaust(3);
  auto anew = ask(1, 1);
  anew.start = "2026-12-01";
  EXPECT_EQ(lease(anew).day, (WarmupDay{1, 10, 1, {}, {}}));
}

TEST_F(Warmup, MidnightIsOurs) {
  exhaust(1);
  auto late = ask(1, 5);
  late.day_ends_ms = now_ms() - 1;
  late.returned = 3;  // of yesterday
  EXPECT_EQ(lease(late).day, (WarmupDay{2, 20, 5, {}, {}}));
}

TEST_F(Warmup, ComplaintsAddUpAndEndWithTheDay) {
  tell(1, {5, 0, 0, 1}, WarmupVerdict::kHold);
  tell(1, {0, 0, 0, 2}, WarmupVerdict::kGood);
  EXPECT_EQ(lease(ask(1, 1)).day.signs, (WarmupSigns{5, 0, 0, 3}));
  EXPECT_EQ(lease(ask(2, 1)).day.signs, WarmupSigns{});
}

TEST_F(Warmup, ARecordFromBeforeComplaintsWereCountedGoesOn) {
  exhaust(2);
  const std::string words(call({"HGET", keys::warmup("s1"), "qq"}).text());
  call({"HSET", keys::warmup("s1"), "qq", words.substr(0, words.rfind(' '))});
  EXPECT_EQ(run(WarmupStore(store()).load("s1")).at("qq").day.sent, 20);
  tell(2, {0, 0, 0, 1}, WarmupVerdict::kGood);
  EXPECT_EQ(lease(ask(2, 1)).day, (WarmupDay{2, 20, 20, {0, 0, 0, 1}, {}}));
}

TEST_F(Warmup, IsReadByOperators) {
  EXPECT_TRUE(run(WarmupStore(store()).load("s1")).empty());
  exhaust(2);
  tell(2, {19, 2, 0, 1}, WarmupVerdict::kHold);
  const auto records = run(WarmupStore(store()).load("s1"));
  ASSERT_TRUE(records.contains("qq"));
  EXPECT_EQ(records.at("qq").start, "2026-11-20");
  EXPECT_EQ(records.at("qq").date, 2);
  EXPECT_EQ(records.at("qq").day, (WarmupDay{2, 20, 20, {19, 2, 0, 1}, WarmupVerdict::kHold}));
}

}  // namespace
}  // namespace hongyan::store::test
