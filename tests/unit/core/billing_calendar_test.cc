#include "engine/core/billing_calendar.h"

#include <gtest/gtest.h>

namespace hongyan::engine {
namespace {

constexpr std::int64_t kHour = 3'600'000;

TEST(BillingCalendar, DayOfShanghaiEndsAtItsMidnight) {
  const BillingCalendar calendar("Asia/Shanghai");
  // 2026-11-20 15:59:59.999 UTC is the last millisecond of the day in Shanghai.
  const std::int64_t midnight = 1'795'190'400'000;
  const auto before = calendar.day_at(from_unix_ms(midnight - 1));
  EXPECT_EQ(before.today, "2026-11-20");
  EXPECT_EQ(before.ends_ms, midnight);
  EXPECT_EQ(before.tomorrow, "2026-11-21");
  const auto after = calendar.day_at(from_unix_ms(midnight));
  EXPECT_EQ(after.today, "2026-11-21");
  EXPECT_EQ(after.ends_ms, midnight + 24 * kHour);
}

TEST(BillingCalendar, DaysOfSummerTimeAreLongerAndShorter) {
  const BillingCalendar calendar("Europe/Berlin");
  // 2026-03-29: the clock goes from 02:00 to 03:00; the day has 23 hours.
  const std::int64_t begin = 1'774'738'800'000;
  const auto day = calendar.day_at(from_unix_ms(begin));
  EXPECT_EQ(day.today, "2026-03-29");
  EXPECT_EQ(day.ends_ms, begin + 23 * kHour);
}

}  // namespace
}  // namespace hongyan::engine
