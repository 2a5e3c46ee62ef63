#include "engine/job/window.h"

#include "base/time_text.h"

#include <gtest/gtest.h>

namespace hongyan::job {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

WallTime at(std::string_view text) {
  return *parse_rfc3339(text);
}
std::string next(const Window& window, std::string_view time) {
  return format_rfc3339(next_opening(window, at(time))).substr(0, 16);
}

// 2026-01-05 is a Monday.
const Window kOffice{"Asia/Shanghai", 0b0011111, hours(9), hours(18)};
const Window kNight{"Asia/Shanghai", 0b0010000, hours(22), hours(6)};

TEST(Window, IsOpenFromItsBeginningToBeforeItsEnd) {
  EXPECT_FALSE(is_open(kOffice, at("2026-01-05T08:59:59+08:00")));
  EXPECT_TRUE(is_open(kOffice, at("2026-01-05T09:00:00+08:00")));
  EXPECT_TRUE(is_open(kOffice, at("2026-01-05T17:59:59.999+08:00")));
  EXPECT_FALSE(is_open(kOffice, at("2026-01-05T18:00:00+08:00")));
  EXPECT_FALSE(is_open(kOffice, at("2026-01-10T12:00:00+08:00")));
}

TEST(Window, NextOpeningSkipsDaysThatAreNotItsOwn) {
  EXPECT_EQ(next(kOffice, "2026-01-05T07:00:00+08:00"), "2026-01-05T01:00");
  EXPECT_EQ(next(kOffice, "2026-01-05T12:34:00+08:00"), "2026-01-05T04:34");
  EXPECT_EQ(next(kOffice, "2026-01-09T18:00:00+08:00"), "2026-01-12T01:00");
}

TEST(Window, CrossingMidnightBelongsToTheDayItOpens) {
  EXPECT_TRUE(is_open(kNight, at("2026-01-09T23:00:00+08:00")));  // Friday
  EXPECT_TRUE(is_open(kNight, at("2026-01-10T05:59:00+08:00")));  // Saturday morning
  EXPECT_FALSE(is_open(kNight, at("2026-01-10T06:00:00+08:00")));
  EXPECT_FALSE(is_open(kNight, at("2026-01-09T05:00:00+08:00")));  // Friday morning
  EXPECT_EQ(next(kNight, "2026-01-10T06:00:00+08:00"), "2026-01-16T14:00");
}

TEST(Window, EqualEndsMeanTheWholeDay) {
  const Window whole{"UTC", 0b0000001, hours(0), hours(0)};
  EXPECT_TRUE(is_open(whole, at("2026-01-05T00:00:00Z")));
  EXPECT_TRUE(is_open(whole, at("2026-01-05T23:59:59Z")));
  EXPECT_FALSE(is_open(whole, at("2026-01-06T00:00:00Z")));
}

TEST(Window, SkippedClockTimeIsTheMomentOfTheChange) {
  // Berlin, 2026-03-29: 02:00 becomes 03:00 at 01:00 UTC.
  const Window window{"Europe/Berlin", 0x7F, minutes(150), hours(4)};
  EXPECT_EQ(next(window, "2026-03-29T00:00:00Z"), "2026-03-29T01:00");
  EXPECT_FALSE(is_open(window, at("2026-03-29T02:00:00Z")));
  // Swallowed whole: the next one is a week later.
  const Window gone{"Europe/Berlin", 0b1000000, minutes(130), minutes(150)};
  EXPECT_EQ(next(gone, "2026-03-29T00:00:00Z"), "2026-04-05T00:10");
}

TEST(Window, RepeatedClockTimeIsOpenBothTimes) {
  // Berlin, 2026-10-25: 03:00 becomes 02:00 at 01:00 UTC.
  const Window window{"Europe/Berlin", 0x7F, minutes(150), minutes(170)};
  EXPECT_EQ(next(window, "2026-10-25T00:00:00Z"), "2026-10-25T00:30");
  EXPECT_TRUE(is_open(window, at("2026-10-25T01:40:00Z")));
  EXPECT_FALSE(is_open(window, at("2026-10-25T01:50:00Z")));
}

TEST(Window, ZonesAndClocksAreChecked) {
  EXPECT_TRUE(is_known_time_zone("Asia/Shanghai"));
  for (const char* zone : {"", "Asia/Shanghay", "+08:00", "../etc/passwd"})
    EXPECT_FALSE(is_known_time_zone(zone)) << zone;
  EXPECT_EQ(parse_clock("24:00")->count(), 1440);
  for (const char* clock : {"", "9:00", "24:01", "12:60", "aa:bb"})
    EXPECT_FALSE(parse_clock(clock));
}

}  // namespace
}  // namespace hongyan::job
