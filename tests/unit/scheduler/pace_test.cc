#include "scheduler/pace.h"

#include <gtest/gtest.h>

#include <chrono>

namespace hongyan::scheduler {
namespace {

using namespace std::chrono_literals;
using Kind = LaneReaction::Kind;

class PaceTest : public testing::Test {
 protected:
  SteadyTime now() const { return clock_.steady(); }

  // Sends and gets answers at `per_second`, or at what the pace allows when that is less.
  void send(double per_second, std::chrono::seconds length) {
    const auto gap = std::chrono::nanoseconds(static_cast<std::int64_t>(1e9 / per_second));
    const SteadyTime end = now() + length;
    while (now() < end) {
      const auto wait = pace_.time_until_allowed(now());
      clock_.advance(std::max(wait, gap));
      if (pace_.time_until_allowed(now()) > 0ns) continue;
      pace_.started(now());
      pace_.answered(now());
    }
  }

  ManualClock clock_;
  Pace pace_{LaneLimits{.connections = 16, .rates = {}}};
};

TEST_F(PaceTest, StartsNormalWithoutOwnLimit) {
  EXPECT_EQ(pace_.mode(now()), Mode::kNormal);
  EXPECT_EQ(pace_.time_until_allowed(now()), 0ns);
  EXPECT_EQ(pace_.allowed_per_second(now()), std::nullopt);
  EXPECT_EQ(pace_.window(now()), 2);
}

TEST_F(PaceTest, MetersTheRate) {
  send(20, 60s);
  EXPECT_NEAR(pace_.measured_per_second(now()), 20, 2);
}

TEST_F(PaceTest, RefusalStoresTheRateAsCeilingAndGoesOnAtSeventyPercent) {
  send(20, 60s);
  pace_.react({Kind::kSlow}, "421 slow down", now());
  EXPECT_EQ(pace_.mode(now()), Mode::kSlow);
  EXPECT_EQ(pace_.reason(now()), PaceReason::kRefused);
  EXPECT_EQ(pace_.reply(now()), "421 slow down");
  EXPECT_NEAR(*pace_.allowed_per_second(now()), 14, 1.5);
  const auto before = now();
  send(1000, 30s);
  EXPECT_NEAR(pace_.measured_per_second(now()), 14, 2);
  EXPECT_GE(now() - before, 30s);
}

TEST_F(PaceTest, PauseEndsByItselfAndTheRateClimbsBackAndProbes) {
  send(20, 65s);
  pace_.react({Kind::kPause, 10min}, "450 later", now());
  const double ceiling = *pace_.allowed_per_second(now()) / 0.7;
  EXPECT_EQ(pace_.mode(now()), Mode::kPaused);
  EXPECT_EQ(pace_.window(now()), 0);
  EXPECT_EQ(pace_.time_until_allowed(now()), 10min);
  clock_.advance(10min);
  EXPECT_EQ(pace_.mode(now()), Mode::kSlow);
  EXPECT_NEAR(*pace_.allowed_per_second(now()), 0.7 * ceiling, 1e-6);
  send(1000, 5min + 5s);
  EXPECT_NEAR(*pace_.allowed_per_second(now()), 0.95 * ceiling, 0.001 * ceiling);
  send(1000, 6min);
  EXPECT_GT(*pace_.allowed_per_second(now()), 1.05 * ceiling);
  EXPECT_LT(*pace_.allowed_per_second(now()), 1.3 * ceiling);
}

TEST_F(PaceTest, ACeilingFoundBySmallStepsIsKeptForLonger) {
  send(20, 65s);
  pace_.react({Kind::kPause, 10min}, "450", now());
  clock_.advance(10min);
  send(1000, 9min);
  pace_.react({Kind::kPause, 10min}, "450", now());
  const double ceiling = *pace_.allowed_per_second(now()) / 0.7;
  clock_.advance(10min);
  send(1000, 150min);
  EXPECT_NEAR(*pace_.allowed_per_second(now()), 0.95 * ceiling, 0.001 * ceiling);
  send(1000, 20min);  // sixteen pauses are over
  EXPECT_GT(*pace_.allowed_per_second(now()), ceiling);
}

TEST_F(PaceTest, AGuessFromLessThanAMinuteIsDoubledUntilTheReceiverTells) {
  send(20, 3s);
  pace_.react({Kind::kPause, 10min}, "450", now());
  EXPECT_NEAR(*pace_.allowed_per_second(now()), 0.7, 0.1);
  clock_.advance(10min);
  send(1000, 5min);
  EXPECT_NEAR(*pace_.allowed_per_second(now()), 0.7 * 16, 0.7 * 4);
}

TEST_F(PaceTest, BadAddressesSlowThePresentRateOnly) {
  send(20, 3s);
  pace_.slow_for_bad_addresses("3 of 60", now());
  EXPECT_EQ(pace_.reason(now()), PaceReason::kBadAddresses);
  EXPECT_GT(*pace_.allowed_per_second(now()), 10);
}

TEST_F(PaceTest, TimesAreScaledForARehearsal) {
  pace_ = Pace(LaneLimits{.connections = 16, .rates = {}}, 1.0 / 60);
  send(200, 2s);
  pace_.react({Kind::kPause, 1h}, "450", now());
  EXPECT_EQ(pace_.time_until_allowed(now()), 60s);
  EXPECT_NEAR(*pace_.allowed_per_second(now()), 140, 5);
}

TEST_F(PaceTest, MinuteThatHardlySentDoesNotClimb) {
  send(20, 60s);
  pace_.react({Kind::kSlow}, "421", now());
  const auto rate = pace_.allowed_per_second(now());
  send(1, 600s);
  EXPECT_EQ(pace_.allowed_per_second(now()), rate);
}

TEST_F(PaceTest, RefusalsOfOneMomentAreOneEvent) {
  send(20, 60s);
  for (int i = 0; i < 10; ++i) {
    pace_.react({Kind::kSlow}, "421", now());
    clock_.advance(100ms);
  }
  EXPECT_EQ(pace_.mode(now()), Mode::kSlow);
  EXPECT_GT(*pace_.allowed_per_second(now()), 10);
}

TEST_F(PaceTest, SecondSlowWithoutCleanMinutePausesAndPausesDouble) {
  send(20, 60s);
  pace_.react({Kind::kSlow}, "421", now());
  send(1000, 20s);
  pace_.react({Kind::kSlow}, "421", now());
  EXPECT_EQ(pace_.time_until_allowed(now()), 10min);
  clock_.advance(10min);
  send(1000, 20s);
  pace_.react({Kind::kSlow}, "421", now());
  EXPECT_EQ(pace_.time_until_allowed(now()), 20min);
}

TEST_F(PaceTest, BecomesNormalADayAfterTheLastRefusal) {
  send(20, 60s);
  pace_.react({Kind::kSlow}, "421", now());
  clock_.advance(24h);
  EXPECT_EQ(pace_.mode(now()), Mode::kNormal);
  EXPECT_EQ(pace_.reason(now()), PaceReason::kNone);
  EXPECT_EQ(pace_.allowed_per_second(now()), std::nullopt);
}

TEST_F(PaceTest, BecomesNormalWhenTheClimbReachesTheConfiguredLimit) {
  pace_ = Pace(LaneLimits{.rates = {{20, 1s, 1}}});
  send(10, 60s);
  pace_.react({Kind::kSlow}, "421", now());
  send(1000, 60min);
  EXPECT_EQ(pace_.mode(now()), Mode::kNormal);
}

TEST_F(PaceTest, WindowGrowsWithAnswersUpToTheLimitAndHalvesOncePerEvent) {
  send(100, 10s);
  EXPECT_EQ(pace_.window(now()), 16);
  pace_.connection_failed("connect-timeout", now());
  pace_.connection_failed("connect-timeout", now());
  EXPECT_EQ(pace_.window(now()), 8);
}

TEST_F(PaceTest, ConnectionsFailingInARowPauseExponentially) {
  send(100, 10s);
  for (int i = 0; i < 3; ++i) pace_.connection_failed("connect-refused", now());
  EXPECT_EQ(pace_.mode(now()), Mode::kPaused);
  EXPECT_EQ(pace_.reason(now()), PaceReason::kConnectionTrouble);
  EXPECT_EQ(pace_.reply(now()), "connect-refused");
  EXPECT_EQ(pace_.time_until_allowed(now()), 30s);
  for (const auto pause : {60s, 120s, 240s}) {
    pace_.connection_failed("late one of before", now());
    clock_.advance(pace_.time_until_allowed(now()));
    EXPECT_EQ(pace_.window(now()), 1);
    pace_.connection_failed("connect-refused", now());
    EXPECT_EQ(pace_.time_until_allowed(now()), pause);
  }
  for (int i = 0; i < 20; ++i) {
    clock_.advance(pace_.time_until_allowed(now()));
    pace_.connection_failed("connect-refused", now());
  }
  EXPECT_EQ(pace_.time_until_allowed(now()), 1h);
}

TEST_F(PaceTest, AnswerEndsTheRowOfFailures) {
  pace_.connection_failed("x", now());
  pace_.connection_failed("x", now());
  pace_.answered(now());
  pace_.connection_failed("x", now());
  EXPECT_EQ(pace_.mode(now()), Mode::kNormal);
}

TEST_F(PaceTest, ShorterPauseNeverShortensALongerOne) {
  pace_.react({Kind::kPause, 2h}, "554", now());
  clock_.advance(1s);
  pace_.react({Kind::kPause, 10min}, "421", now());
  EXPECT_EQ(pace_.time_until_allowed(now()), 2h - 1s);
  EXPECT_EQ(pace_.reply(now()), "554");
}

TEST_F(PaceTest, RefusalDuringALongerBackOffDoesNotEndItSooner) {
  for (int i = 0; i < 12; ++i) {
    clock_.advance(pace_.time_until_allowed(now()));
    pace_.connection_failed("connect-timeout", now());
  }
  ASSERT_EQ(pace_.time_until_allowed(now()), 1h);
  pace_.react({Kind::kPause, 30min}, "554", now());
  EXPECT_EQ(pace_.time_until_allowed(now()), 1h);
}

TEST_F(PaceTest, StateSurvivesARestart) {
  send(20, 60s);
  pace_.react({Kind::kPause, 10min}, std::string("450 \r\n\xff later"), now());
  clock_.advance(4min);
  const auto fields = pace_.state(now(), clock_.wall()).to_fields();
  const auto state = PaceState::from_fields(fields);
  ASSERT_TRUE(state);
  Pace restored{LaneLimits{.connections = 16, .rates = {}}};
  const SteadyTime other_boot{5s};
  restored.restore(*state, other_boot, clock_.wall() + 1min);
  EXPECT_EQ(restored.time_until_allowed(other_boot), 5min);
  EXPECT_EQ(restored.reply(other_boot), pace_.reply(now()));
  const SteadyTime later = other_boot + 5min;
  EXPECT_EQ(restored.mode(later), Mode::kSlow);
  EXPECT_EQ(restored.allowed_per_second(later), pace_.allowed_per_second(now()));
  EXPECT_EQ(restored.state(other_boot, clock_.wall() + 1min).to_fields(), fields);
}

TEST_F(PaceTest, JumpedWallClockCannotFreezeALane) {
  pace_.react({Kind::kPause, 10min}, "450", now());
  const auto state = pace_.state(now(), clock_.wall());
  Pace restored{LaneLimits{}};
  restored.restore(state, now(), clock_.wall() - std::chrono::hours(24 * 365));
  EXPECT_LE(restored.time_until_allowed(now()), 24h);
}

TEST(PaceState, UnreadableFieldIsNamed) {
  for (const auto& [name, value] : PaceState::Fields{{"mode", "fast"},
                                                     {"rate", "nan"},
                                                     {"window", "-1"},
                                                     {"failures", "1x"},
                                                     {"paused_until_ms", ""},
                                                     {"reason", "?"}}) {
    const auto state = PaceState::from_fields({{name, value}});
    ASSERT_FALSE(state) << name;
    EXPECT_NE(state.error().detail.find(name), std::string::npos);
  }
  EXPECT_EQ(PaceState::from_fields({{"future", "field"}}), PaceState{});
}

}  // namespace
}  // namespace hongyan::scheduler
