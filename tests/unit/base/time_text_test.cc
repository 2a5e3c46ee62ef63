#include "base/time_text.h"

#include <gtest/gtest.h>

namespace hongyan {
namespace {

TEST(TimeText, Rfc3339IsReadWithItsOffset) {
  struct Case {
    std::string_view text, utc;
  };
  for (const Case& c :
       std::initializer_list<Case>{{"2026-02-01T09:00:00+08:00", "2026-02-01T01:00:00.000Z"},
                                   {"2026-02-01t00:30:00.1239z", "2026-02-01T00:30:00.123Z"},
                                   {"2026-01-01 00:30:00-03:30", "2026-01-01T04:00:00.000Z"},
                                   {"2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000Z"},
                                   {"2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000Z"}}) {
    const auto at = parse_rfc3339(c.text);
    ASSERT_TRUE(at) << c.text;
    EXPECT_EQ(format_rfc3339(*at), c.utc);
  }
}

TEST(TimeText, WhatIsNoRfc3339IsRefused) {
  for (const char* bad : {"", "2026-02-01", "2026-02-01T09:00:00", "2026-02-01T09:00Z",
                          "2026-02-30T00:00:00Z", "2026-13-01T00:00:00Z", "2026-02-01T24:00:00Z",
                          "2026-02-01T09:00:00+0800", "2026-02-01T09:00:00.Z",
                          "2026-02-01T09:00:00Z ", "1969-01-01T00:00:00Z", "2026-2-1T9:0:0Z"})
    EXPECT_FALSE(parse_rfc3339(bad)) << bad;
}

TEST(TimeText, DaysOfTheCalendar) {
  EXPECT_EQ((*parse_date("2026-03-01") - *parse_date("2026-02-28")).count(), 1);
  EXPECT_EQ((*parse_date("2024-03-01") - *parse_date("2024-02-28")).count(), 2);
  for (const char* bad : {"", "2026-02-29", "2026-2-1", "2026-02-01 ", "20260201", "2026-00-10"})
    EXPECT_FALSE(parse_date(bad)) << bad;
}

}  // namespace
}  // namespace hongyan
