#include "engine/check/forecast.h"

#include <gtest/gtest.h>

#include <chrono>

namespace hongyan::check {
namespace {

using namespace std::chrono_literals;
using scheduler::Rate;

const WallTime kMonday{std::chrono::sys_days{std::chrono::year{2026} / 1 / 5}};

Pace pace_of(std::vector<Rate> rates, std::size_t sources = 1) {
  Pace pace;
  pace.sources = sources;
  pace.limits = [rates](const Receiver&) { return scheduler::LaneLimits{1, 0, rates}; };
  pace.begin = kMonday;
  return pace;
}

TEST(Forecast, TheBurstGoesAtOnce) {
  EXPECT_EQ(time_for(10, Rate{100, 1h, 10}), 0ms);
  EXPECT_EQ(time_for(110, Rate{100, 1h, 10}), 1h);
  EXPECT_EQ(time_for(0, Rate{100, 1h, 10}), 0ms);
  EXPECT_GT(time_for(UINT64_MAX / 2, Rate{1, 24h, 1}), 0ms);
}

TEST(Forecast, TheSlowestRateOfTheSlowestReceiverBinds) {
  const auto forecast = make_forecast({{"qq", true, 1001}, {"google", true, 5001}},
                                      pace_of({{60, 1min, 1}, {1000, 1h, 1}}));
  EXPECT_EQ(forecast.slowest.receiver, "google");
  EXPECT_EQ(forecast.slowest.rate, "1000/h burst 1");
  EXPECT_EQ(forecast.takes, 5h);
  EXPECT_EQ(forecast.finish, kMonday + 5h);
  EXPECT_EQ(forecast.lanes.size(), 2U);
}

TEST(Forecast, SourcesShareAReceiver) {
  EXPECT_EQ(make_forecast({{"qq", true, 2002}}, pace_of({{1000, 1h, 1}}, 2)).takes, 1h);
}

TEST(Forecast, TheChannelMayBind) {
  Pace pace = pace_of({{1000, 1h, 1}}, 10);
  pace.channel = {{100, 1h, 1}};
  const auto forecast = make_forecast({{"qq", true, 1000}, {"google", true, 1001}}, pace);
  EXPECT_EQ(forecast.takes, 20h);
  EXPECT_EQ(forecast.slowest.receiver, "");
  EXPECT_EQ(forecast.slowest.rate, "100/h");
}

TEST(Forecast, NoLimitTakesNoTime) {
  const auto forecast = make_forecast({{"qq", true, 1'000'000}}, pace_of({}));
  EXPECT_EQ(forecast.takes, 0ms);
  EXPECT_EQ(forecast.slowest.rate, "");
}

TEST(Forecast, NightsDoNotCount) {
  Pace pace = pace_of({{100, 1h, 1}});
  pace.window = job::Window{"UTC", 0x1F, 9h, 17h};
  // 12 hours of sending in days of eight, from Monday 09:00.
  const auto forecast = make_forecast({{"qq", true, 1201}}, pace);
  EXPECT_EQ(forecast.takes, 12h);
  EXPECT_EQ(forecast.finish, kMonday + 24h + 13h);
  pace.begin = kMonday + 4 * 24h + 16h;  // Friday afternoon: the week-end is closed too
  EXPECT_EQ(make_forecast({{"qq", true, 201}}, pace).finish, kMonday + 7 * 24h + 10h);
}

TEST(Forecast, WhatTakesYearsIsSaid) {
  EXPECT_FALSE(make_forecast({{"qq", true, 1'000'000}}, pace_of({{1, 24h, 1}})).ends);
  Pace pace = pace_of({{100, 1h, 1}});
  pace.window = job::Window{"UTC", 0x01, 9h, 10h};
  EXPECT_FALSE(make_forecast({{"qq", true, 100'000}}, pace).ends);
}

}  // namespace
}  // namespace hongyan::check
