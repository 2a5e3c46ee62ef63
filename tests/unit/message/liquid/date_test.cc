#include "tests/unit/message/liquid/say.h"

#include <gtest/gtest.h>

namespace hongyan::liquid {
namespace {

using testing::say;
using namespace std::chrono_literals;

Options at_home() {
  Options options;
  // Monday, 2026-01-05 00:30 in Beijing
  options.now = WallTime{std::chrono::sys_days{std::chrono::year{2026} / 1 / 4}} + 16h + 30min;
  options.utc_offset = 8h;
  return options;
}

std::string date(std::string_view text, std::string_view format = "%F %T %z") {
  return say("{{ '" + std::string(text) + "' | date: '" + std::string(format) + "' }}", "{}",
             at_home());
}

TEST(LiquidDate, NowIsTheGivenOneInTheGivenZone) {
  EXPECT_EQ(date("now"), "2026-01-05 00:30:00 +0800");
  EXPECT_EQ(date("today", "%A"), "Monday");
}

TEST(LiquidDate, ReadsTheUsualForms) {
  EXPECT_EQ(date("2026-02-03"), "2026-02-03 00:00:00 +0800");
  EXPECT_EQ(date("2026-02-03T04:05:06Z"), "2026-02-03 04:05:06 +0000");
  EXPECT_EQ(date("2026-02-03 04:05:06.75 -05:30", "%T.%L %:z"), "04:05:06.750 -05:30");
  EXPECT_EQ(date("Tue, 03 Feb 2026 04:05:06 +0100"), "2026-02-03 04:05:06 +0100");
  EXPECT_EQ(date("February 3rd, 2026 3 pm"), "2026-02-03 15:00:00 +0800");
  EXPECT_EQ(date("3 Feb 2026"), "2026-02-03 00:00:00 +0800");
  EXPECT_EQ(date("3-feb-2026 12:00 am"), "2026-02-03 00:00:00 +0800");
  EXPECT_EQ(date("2026/2/3"), "2026-02-03 00:00:00 +0800");
  EXPECT_EQ(date("03.02.2026"), "2026-02-03 00:00:00 +0800");
  EXPECT_EQ(date("20260203T040506Z"), "2026-02-03 04:05:06 +0000");
  EXPECT_EQ(date("10:20"), "2026-01-05 10:20:00 +0800");
  EXPECT_EQ(date("March"), "2026-03-01 00:00:00 +0800");
  EXPECT_EQ(date("1767571200"), "2026-01-05 08:00:00 +0800");
  EXPECT_EQ(say("{{ 1767571200 | date: '%s' }}"), "1767571200");
}

TEST(LiquidDate, WhatIsNoDateStaysAsItIs) {
  for (const char* text : {"", "soon", "2026-13-01", "2026-02-30", "25:00", "13 pm",
                           "99999999999999", "2026-01-01 2027", "<b>"})
    EXPECT_EQ(date(text), text);
  EXPECT_EQ(date("2026-02-03", ""), "2026-02-03");
  EXPECT_EQ(say("{{ nobody | date: '%F' }}"), "");
}

TEST(LiquidDate, WritesEveryDirective) {
  const std::string_view day = "2026-01-05T03:04:05Z";
  EXPECT_EQ(date(day, "%Y %C %y %m %B %b %h %d %e %j"), "2026 20 26 01 January Jan Jan 05  5 005");
  EXPECT_EQ(date(day, "%H %k %I %l %M %S %L %p %P"), "03  3 03  3 04 05 000 AM am");
  EXPECT_EQ(date(day, "%A %a %u %w %U %W %V %G %g"), "Monday Mon 1 1 01 01 02 2026 26");
  EXPECT_EQ(date(day, "%D %F %T %R %r %c %x %X"),
            "01/05/26 2026-01-05 03:04:05 03:04 03:04:05 AM Mon Jan  5 03:04:05 2026 01/05/26 "
            "03:04:05");
  EXPECT_EQ(date(day, "%Z %z %:z %s %% %n|%Q"), "UTC +0000 +00:00 1767582245 % \n|%Q");
  EXPECT_EQ(date(day, "%-d %-m %^a %_m %08Y %5S %#p %99999999Y").size(), 93u);
  EXPECT_EQ(date("2024-12-30", "%G-W%V %j"), "2025-W01 365");
}

}  // namespace
}  // namespace hongyan::liquid
