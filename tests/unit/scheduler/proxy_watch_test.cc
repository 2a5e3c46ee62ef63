#include "scheduler/proxy_watch.h"

#include <gtest/gtest.h>

namespace hongyan::scheduler {
namespace {

using namespace std::chrono_literals;
using Blame = ProxyWatch::Blame;

const SteadyTime kStart{1h};

TEST(ProxyWatch, UnreachableProxyRestsTheSourceAtOnceAndTwiceAsLongEachTime) {
  ProxyWatch watch;
  SteadyTime now = kStart;
  for (const auto length : {1s, 2s, 4s, 8s, 16s, 30s, 30s}) {
    watch.unreachable("refused", now);
    ASSERT_EQ(watch.resting_until(now), now + length);
    EXPECT_EQ(watch.why(), "refused");
    now += length;
    EXPECT_FALSE(watch.resting_until(now));
  }
  EXPECT_TRUE(watch.is_away());
}

TEST(ProxyWatch, FailuresDuringARestAreNoNews) {
  ProxyWatch watch;
  watch.unreachable("first", kStart);
  watch.unreachable("second", kStart + 500ms);
  EXPECT_EQ(watch.silent("third", kStart + 600ms), Blame::kUnknown);
  EXPECT_EQ(watch.resting_until(kStart + 700ms), kStart + 1s);
  EXPECT_EQ(watch.why(), "first");
}

TEST(ProxyWatch, AGreetingEndsTheRestAndForgetsWhatWas) {
  ProxyWatch watch;
  watch.unreachable("refused", kStart);
  watch.unreachable("refused", kStart + 1s);
  watch.greeted(kStart + 2s);
  EXPECT_FALSE(watch.is_away());
  EXPECT_FALSE(watch.resting_until(kStart + 2s));
  watch.unreachable("refused", kStart + 3s);
  EXPECT_EQ(watch.resting_until(kStart + 3s), kStart + 4s);
}

TEST(ProxyWatch, SilenceIsTheReceiversWhileOthersGetThrough) {
  ProxyWatch watch;
  watch.greeted(kStart);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(watch.silent("closed", kStart + 10s), Blame::kReceiver);
  EXPECT_FALSE(watch.resting_until(kStart + 10s));
  EXPECT_EQ(watch.silent("closed", kStart + 10s + 1ms), Blame::kUnknown);
}

TEST(ProxyWatch, TheThirdUnexplainedSilenceRestsTheSource) {
  ProxyWatch watch;
  EXPECT_EQ(watch.silent("closed", kStart), Blame::kUnknown);
  EXPECT_EQ(watch.silent("closed", kStart), Blame::kUnknown);
  EXPECT_FALSE(watch.resting_until(kStart));
  EXPECT_FALSE(watch.is_away());
  EXPECT_EQ(watch.silent("closed", kStart), Blame::kUnknown);
  EXPECT_EQ(watch.resting_until(kStart), kStart + 1s);
  // From then on each one, until somebody greets.
  EXPECT_EQ(watch.silent("closed", kStart + 1s), Blame::kUnknown);
  EXPECT_EQ(watch.resting_until(kStart + 1s), kStart + 3s);
}

TEST(ProxyWatch, ConnectionsThatBreakTogetherAreOneEvent) {
  ProxyWatch watch;
  EXPECT_TRUE(watch.broken_off(kStart));
  EXPECT_FALSE(watch.broken_off(kStart));
  EXPECT_FALSE(watch.broken_off(kStart + 1999ms));
  EXPECT_TRUE(watch.broken_off(kStart + 2s));
}

TEST(ProxyWatch, WhatAProxyThatIsAwayBrokeIsNotTheReceivers) {
  ProxyWatch watch;
  EXPECT_TRUE(watch.broken_off(kStart));
  watch.unreachable("refused", kStart);
  EXPECT_FALSE(watch.broken_off(kStart + 5s));  // it was only noticed late
  watch.greeted(kStart + 6s);
  EXPECT_TRUE(watch.broken_off(kStart + 7s));
}

TEST(ProxyWatch, SilencesInARowAreCountedFromTheLastGreeting) {
  ProxyWatch watch;
  (void)watch.silent("closed", kStart);
  (void)watch.silent("closed", kStart);
  watch.greeted(kStart);
  (void)watch.silent("closed", kStart + 11s);
  (void)watch.silent("closed", kStart + 11s);
  EXPECT_FALSE(watch.resting_until(kStart + 11s));
}

}  // namespace
}  // namespace hongyan::scheduler
