#pragma once

#include "base/clock.h"
#include "base/error.h"

#include <chrono>
#include <string>
#include <string_view>

namespace hongyan::job {

// Sending hours in one time zone. A day is the one on which the window opens: "fri", 22:00 to 06:00
// is open until Saturday morning. from = to means the whole day.
//
// Daylight saving: an opening or closing time that a clock change skips is the moment of the
// change; one that happens twice opens at the first and closes at the second.
struct Window {
  std::string tz;                 // IANA name
  unsigned char days = 0x7F;      // bit 0 is Monday
  std::chrono::minutes from{0};   // after midnight
  std::chrono::minutes to{1440};  // at or before `from`: on the next day

  friend bool operator==(const Window&, const Window&) = default;
};

bool is_known_time_zone(std::string_view name);

// Both need a known time zone and at least one day. They read the time zone database in memory.
bool is_open(const Window& window, WallTime at);
// `at` itself when the window is open, else the next time it opens.
WallTime next_opening(const Window& window, WallTime at);

}  // namespace hongyan::job
