#include "scheduler/proxy_watch.h"

#include <gtest/gtest.h>

namespace hongyan::scheduler {
namespace {

using namespace std::chrono_literals;
using Blame = ProxyWatch::Blame;

const SteadyTime kStart{1h};
const std::string kHost = "192.0.2.1", kOther = "192.0.2.2";

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
  EXPECT_EQ(watch.silent(kHost, "third", kStart + 600ms), Blame::kUnknown);
  EXPECT_EQ(watch.resting_until(kStart + 700ms), kStart + 1s);
  EXPECT_EQ(watch.why(), "first");
}

TEST(ProxyWatch, AGreetingEndsTheRestAndForgetsWhatWas) {
  ProxyWatch watch;
  watch.unreachable("refused", kStart);
  watch.unreachable("refused", kStart + 1s);
  watch.greeted(kHost, kStart + 2s);
  EXPECT_FALSE(watch.is_away());
  EXPECT_FALSE(watch.resting_until(kStart + 2s));
  watch.unreachable("refused", kStart + 3s);
  EXPECT_EQ(watch.resting_until(kStart + 3s), kStart + 4s);
}

TEST(ProxyWatch, SilenceIsTheReceiversWhileOthersGetThrough) {
  ProxyWatch watch;
  EXPECT_EQ(watch.silent(kHost, "closed", kStart), Blame::kUnknown);
  watch.greeted(kOther, kStart + 2s);
  for (int i = 0; i < 10; ++i)
    EXPECT_EQ(watch.silent(kHost, "closed", kStart + 12s), Blame::kReceiver);
  EXPECT_FALSE(watch.resting_until(kStart + 12s));
  EXPECT_EQ(watch.silent(kHost, "closed", kStart + 12s + 1ms), Blame::kUnknown);
}

TEST(ProxyWatch, WhatWasGreetedBeforeTheSilenceProvesNothing) {
  ProxyWatch watch;
  watch.greeted(kHost, kStart);
  watch.greeted(kOther, kStart);
  // The proxy ends: all that it had taken is silent at once, and a greeting is read late.
  EXPECT_EQ(watch.silent(kHost, "reset", kStart + 1s), Blame::kUnknown);
  watch.greeted(kOther, kStart + 1s + 5ms);
  EXPECT_EQ(watch.silent(kHost, "reset", kStart + 1s + 6ms), Blame::kUnknown);
  EXPECT_EQ(watch.silent(kOther, "reset", kStart + 1s + 6ms), Blame::kUnknown);
  // It is back, and ends again.
  watch.greeted(kHost, kStart + 4s);
  EXPECT_EQ(watch.silent(kHost, "reset", kStart + 5s), Blame::kUnknown);
}

TEST(ProxyWatch, TheThirdUnexplainedSilenceRestsTheSource) {
  ProxyWatch watch;
  EXPECT_EQ(watch.silent(kHost, "closed", kStart), Blame::kUnknown);
  EXPECT_EQ(watch.silent(kHost, "closed", kStart), Blame::kUnknown);
  EXPECT_FALSE(watch.resting_until(kStart));
  EXPECT_FALSE(watch.is_away());
  EXPECT_EQ(watch.silent(kHost, "closed", kStart), Blame::kUnknown);
  EXPECT_EQ(watch.resting_until(kStart), kStart + 1s);
  // From then on each one, until somebody greets.
  EXPECT_EQ(watch.silent(kHost, "closed", kStart + 1s), Blame::kUnknown);
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
  watch.greeted(kHost, kStart + 6s);
  EXPECT_TRUE(watch.broken_off(kStart + 7s));
}

TEST(ProxyWatch, SilencesInARowAreCountedFromTheLastGreeting) {
  ProxyWatch watch;
  (void)watch.silent(kHost, "closed", kStart);
  (void)watch.silent(kHost, "closed", kStart);
  watch.greeted(kHost, kStart);
  (void)watch.silent(kHost, "closed", kStart + 11s);
  (void)watch.silent(kHost, "closed", kStart + 11s);
  EXPECT_FALSE(watch.resting_until(kStart + 11s));
}

}  // namespace
}  // namespace hongyan::scheduler
