#include "engine/job/window.h"

#include <date/tz.h>

#include <algorithm>
#include <stdexcept>

namespace hongyan::job {
namespace {

const date::time_zone* find_zone(std::string_view name) {
  try {
    return date::locate_zone(std::string(name));
  } catch (const std::runtime_error&) {
    return nullptr;
  }
}

const date::time_zone& get_zone(const Window& window) {
  const date::time_zone* zone = find_zone(window.tz);
  if (zone == nullptr) throw std::invalid_argument("unknown time zone " + window.tz);
  return *zone;
}

WallTime to_wall(const date::time_zone& zone, date::local_days day, std::chrono::minutes clock,
                 date::choose choice) {
  return WallTime{zone.to_sys(date::local_time<Millis>(day + clock), choice).time_since_epoch()};
}

struct Opening {
  WallTime from;
  WallTime to;
};

// The opening that begins on `day`; from == to when the day is none of the window's.
Opening opening_on(const Window& window, const date::time_zone& zone, date::local_days day) {
  const date::weekday weekday{day};
  const WallTime from = to_wall(zone, day, window.from, date::choose::earliest);
  if (!(window.days >> (weekday.iso_encoding() - 1) & 1)) return {from, from};
  const bool next_day = window.to <= window.from;
  const WallTime to =
      to_wall(zone, next_day ? day + date::days(1) : day, window.to, date::choose::latest);
  return {from, std::max(from, to)};
}

date::local_days local_day(const date::time_zone& zone, WallTime at) {
  return date::floor<date::days>(zone.to_local(date::sys_time<Millis>(at.time_since_epoch())));
}

}  // namespace

bool is_known_time_zone(std::string_view name) {
  return find_zone(name) != nullptr;
}

WallTime next_opening(const Window& window, WallTime at) {
  if ((window.days & 0x7F) == 0) throw std::invalid_argument("a window without days");
  const date::time_zone& zone = get_zone(window);
  // The opening of yesterday may still last. A clock change can swallow one week's opening whole,
  // never two in a row.
  const date::local_days today = local_day(zone, at);
  for (int ahead = -1; ahead <= 15; ++ahead) {
    const Opening opening = opening_on(window, zone, today + date::days(ahead));
    if (opening.to > at && opening.from < opening.to) return std::max(at, opening.from);
  }
  throw std::logic_error("a window that never opens");
}

bool is_open(const Window& window, WallTime at) {
  return next_opening(window, at) == at;
}

}  // namespace hongyan::job
