#include "engine/core/billing_calendar.h"

#include <date/tz.h>

namespace hongyan::engine {

BillingCalendar::BillingCalendar(std::string timezone) : timezone_(std::move(timezone)) {
  (void)date::locate_zone(timezone_);
}

store::BillingDay BillingCalendar::day_at(WallTime at) const {
  const date::time_zone* zone = date::locate_zone(timezone_);
  const auto today = date::floor<date::days>(zone->to_local(at));
  const auto tomorrow = today + date::days{1};
  const auto ends =
      date::floor<Millis>(zone->to_sys(date::local_time<Millis>(tomorrow), date::choose::earliest));
  return {date::format("%F", today), ends.time_since_epoch().count(), date::format("%F", tomorrow)};
}

}  // namespace hongyan::engine
