#include "cli/lanes.h"

#include "engine/core/lane_view.h"

#include <gtest/gtest.h>

namespace hongyan::cli {
namespace {

engine::LaneView view(std::string provider, std::int64_t waiting) {
  engine::LaneView made;
  made.provider = std::move(provider);
  made.source = "s1";
  made.waiting = waiting;
  made.mode = "normal";
  made.held_by = "idle";
  return made;
}

TEST(Lanes, WhatAnEngineWritesIsRead) {
  engine::LaneView lane = view("qq", 7);
  lane.mode = "paused";
  lane.reason = "refused";
  lane.reply = "550 Ip frequency limited\r\n";
  lane.paused_until_ms = 61'000;
  lane.per_second = 1.5;
  lane.judged = 40;
  lane.bad = 2;
  const auto rows = parse_lanes("e1", engine::lanes_json(1000, {lane}));
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].engine, "e1");
  EXPECT_EQ(rows[0].at_ms, 1000);
  EXPECT_EQ(rows[0].waiting, 7);
  EXPECT_EQ(rows[0].per_second, 1.5);
  EXPECT_EQ(rows[0].bad, 2);
  EXPECT_EQ(lane_sentence(rows[0], 1000),
            "paused for 1m00s more (refused): 550 Ip frequency limited\\r\\n");
}

TEST(Lanes, TheDayOfAWarmUpIsTold) {
  engine::LaneView lane = view("qq", 0);
  lane.held_by = "warm-up";
  lane.warmup = "warm-up day 3: 98 of 98 sent";
  EXPECT_EQ(lane_sentence(parse_lanes("e1", engine::lanes_json(1000, {lane})).front(), 1000),
            "held by the cap of the day (warm-up day 3: 98 of 98 sent)");
  lane.held_by = "nothing";
  lane.warmup = "warm-up day 3: 9 of 98 sent";
  EXPECT_EQ(lane_sentence(parse_lanes("e1", engine::lanes_json(1000, {lane})).front(), 1000),
            "sending; warm-up day 3: 9 of 98 sent");
}

TEST(Lanes, TheBusiestAreShown) {
  std::vector<engine::LaneView> many;
  for (int i = 0; i < 500; ++i) many.push_back(view("p" + std::to_string(i), i));
  const auto rows = parse_lanes("e1", engine::lanes_json(1, many));
  ASSERT_EQ(rows.size(), engine::kMostLanesShown);
  EXPECT_EQ(rows.front().provider, "p499");
  EXPECT_EQ(rows.back().provider, "p300");
}

TEST(Lanes, WhatIsNoListOfLanesGivesNone) {
  for (const char* text : {"", "{}", "[]", R"({"at":1})", R"({"at":"x","lanes":[]})", "{\"at\":1,"})
    EXPECT_TRUE(parse_lanes("e1", text).empty()) << text;
}

TEST(Lanes, EachLimitHasItsSentence) {
  LaneRow row;
  row.mode = "normal";
  row.allowed_per_second = 2;
  row.connections = 3;
  const auto told = [&](const char* held_by) {
    row.held_by = held_by;
    return lane_sentence(row, 0);
  };
  EXPECT_EQ(told("idle"), "idle");
  EXPECT_NE(told("pace").find("2.00/s"), std::string::npos);
  EXPECT_NE(told("tokens").find("configured rate"), std::string::npos);
  EXPECT_NE(told("connections").find("3 connections"), std::string::npos);
  EXPECT_EQ(told("nothing"), "sending");
  row.mode = "slow";
  row.reason = "refused";
  EXPECT_EQ(told("nothing"), "sending; slow (refused)");
}

}  // namespace
}  // namespace hongyan::cli
