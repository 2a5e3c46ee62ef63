#include "mailbox/pace/pace.h"

#include "scheduler/breaker.h"

#include <date/tz.h>
#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <string>
#include <utility>

namespace hongyan::mailbox {
namespace {

using namespace std::chrono_literals;

constexpr int kStageDays = 7;
constexpr std::int64_t kStageCaps[] = {50, 100, 150, 200, 300};
constexpr Millis kShortest = 2min;
constexpr Millis kFirstShortest = 5min;
constexpr Millis kFirstLongest = 10min;
constexpr auto kWholeDay = std::chrono::minutes(1440);

constexpr auto kCapReturns = std::chrono::hours(72);
constexpr std::int64_t kCapShare = 10;  // of what is missing comes back at once
constexpr auto kSlowdownReturns = std::chrono::hours(7 * 24);

constexpr std::int64_t kMinAnswers = 20;
constexpr std::int64_t kPlainRateFrom = 200;
constexpr double kMostBad = 0.03;

using LocalTime = date::local_time<Millis>;

date::local_days day_of(const date::time_zone& zone, WallTime at) {
  return date::floor<date::days>(zone.to_local(at));
}

WallTime to_wall(const date::time_zone& zone, LocalTime at) {
  return date::floor<Millis>(zone.to_sys(at, date::choose::earliest));
}

std::int64_t least_of_caps(std::int64_t cap, std::int64_t other) {
  return other > 0 ? std::min(cap, other) : cap;
}

}  // namespace

std::int64_t stage_cap(int day) {
  const auto stage = static_cast<std::size_t>(std::max(0, day - 1) / kStageDays);
  return kStageCaps[std::min(stage, std::size(kStageCaps) - 1)];
}

std::int64_t Learnt::cap_of(std::int64_t ramp, WallTime at) const {
  if (cap <= 0) return ramp;
  std::int64_t now = cap;
  for (auto good = (at - capped_at) / kCapReturns; good > 0 && now < ramp; --good)
    now += (ramp - now + kCapShare - 1) / kCapShare;
  return std::min(now, ramp);
}

double Learnt::slowdown_at(WallTime at) const {
  double now = slowdown;
  for (auto good = (at - slowed_at) / kSlowdownReturns; good > 0 && now > 1; --good) now /= kSlower;
  return std::max(now, 1.0);
}

PaceDay Pace::day_at(WallTime bound_at, WallTime at) const {
  const date::time_zone& zone = *date::locate_zone(rules_.timezone);
  const date::local_days today = day_of(zone, at);
  PaceDay day;
  day.day = std::max(1, static_cast<int>((today - day_of(zone, bound_at)).count()) + 1);
  day.cap = rules_.learnt.cap_of(least_of_caps(stage_cap(day.day), rules_.provider_cap), at);
  day.slowdown = rules_.learnt.slowdown_at(at);
  day.plan = day.day <= kStageDays ? day.cap : std::max<std::int64_t>(1, day.cap * 9 / 10);
  day.date = date::format("%F", today);
  return day;
}

Millis Pace::gap(const PaceDay& day, double draw) const {
  Millis gap;
  if (day.day <= kStageDays) {
    gap = kFirstShortest +
          std::chrono::duration_cast<Millis>((kFirstLongest - kFirstShortest) * draw);
  } else {
    const auto hours = rules_.opens == rules_.closes
                           ? kWholeDay
                           : (rules_.closes - rules_.opens + kWholeDay) % kWholeDay;
    const Millis even = Millis(hours) / day.plan;
    gap = std::max(kShortest, std::chrono::duration_cast<Millis>(even * (0.75 + 0.5 * draw)));
  }
  return std::chrono::duration_cast<Millis>(gap * day.slowdown / rules_.time_scale);
}

// `at` when mail may leave then, else when the hours begin.
WallTime Pace::open_from(WallTime at) const {
  if (rules_.opens == rules_.closes) return at;
  const date::time_zone& zone = *date::locate_zone(rules_.timezone);
  const LocalTime local = date::floor<Millis>(zone.to_local(at));
  const date::local_days today = date::floor<date::days>(local);
  const auto minute = local - today;
  if (rules_.opens < rules_.closes) {
    if (minute < rules_.opens) return to_wall(zone, LocalTime(today) + rules_.opens);
    if (minute >= rules_.closes)
      return to_wall(zone, LocalTime(today + date::days{1}) + rules_.opens);
    return at;
  }
  const bool shut = minute >= rules_.closes && minute < rules_.opens;
  return shut ? to_wall(zone, LocalTime(today) + rules_.opens) : at;
}

WallTime Pace::next_day(WallTime at) const {
  const date::time_zone& zone = *date::locate_zone(rules_.timezone);
  return open_from(to_wall(zone, LocalTime(day_of(zone, at) + date::days{1})));
}

WallTime Pace::next(const PaceState& state, WallTime now, double draw) const {
  WallTime at = std::max(now, state.not_before);
  const PaceDay today = day_at(state.bound_at, now);
  if (state.sent_today >= today.plan) at = std::max(at, next_day(now));
  if (state.last_sent != WallTime{})
    at = std::max(at, state.last_sent + gap(day_at(state.bound_at, state.last_sent), draw));
  return open_from(at);
}

WallTime Pace::expected(PaceState state, WallTime now, std::int64_t nth) const {
  constexpr double kEven = 0.5;
  WallTime at = next(state, now, kEven);
  for (; nth > 0; --nth) {
    if (day_at(state.bound_at, at).date != day_at(state.bound_at, now).date) {
      now = at;
      state.sent_today = 0;
    }
    state.last_sent = at;
    ++state.sent_today;
    at = next(state, at, kEven);
  }
  return at;
}

double gap_draw(std::string_view mailbox, WallTime last_sent) {
  std::string told(mailbox);
  told += std::to_string(to_unix_ms(last_sent));
  std::seed_seq seed(told.begin(), told.end());
  std::mt19937_64 random(seed);
  return std::uniform_real_distribution<double>(0, 1)(random);
}

std::string bounce_verdict(std::int64_t answers, std::int64_t bad) {
  if (answers < kMinAnswers) return {};
  const double rate = static_cast<double>(bad) / static_cast<double>(answers);
  const bool too_many = answers >= kPlainRateFrom
                            ? rate > kMostBad
                            : scheduler::wilson_lower(answers, bad) >= kMostBad;
  if (!too_many) return {};
  return fmt::format(
      "{} of the last {} messages met addresses that do not exist ({:.1f} %, limit 3 %)", bad,
      answers, rate * 100);
}

}  // namespace hongyan::mailbox
