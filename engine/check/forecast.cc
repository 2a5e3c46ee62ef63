#include "engine/check/forecast.h"

#include "scheduler/rate.h"
#include "scheduler/warmup.h"

#include <algorithm>
#include <cmath>

namespace hongyan::check {
namespace {

constexpr int kDaysOfYear = 365;
constexpr std::chrono::hours kYear{kDaysOfYear * 24};
constexpr std::chrono::minutes kStep{5};
constexpr std::uint64_t kNoLimit = 10'000'000'000'000;

std::uint64_t share_of(std::uint64_t count, std::uint64_t sources) {
  return (count + sources - 1) / sources;
}

LaneForecast slowest_of(std::string name, std::uint64_t recipients, std::uint64_t share,
                        const std::vector<scheduler::Rate>& rates) {
  LaneForecast lane{std::move(name), recipients, Millis{0}};
  for (const scheduler::Rate& rate : rates)
    if (const Millis takes = time_for(share, rate); takes > lane.takes) {
      lane.takes = takes;
      lane.rate = scheduler::format_rate(rate);
    }
  return lane;
}

// When so much time has passed within the window; nothing when it takes more than a year.
std::optional<WallTime> after(Millis takes, WallTime begin,
                              const std::optional<job::Window>& hours) {
  const WallTime last = begin + kYear;
  if (takes > kYear) return std::nullopt;
  if (!hours) return begin + takes;
  WallTime at = job::next_opening(*hours, begin);
  while (takes > kStep) {
    if (at > last) return std::nullopt;
    at += kStep;
    takes -= kStep;
    if (!job::is_open(*hours, at)) at = job::next_opening(*hours, at);
  }
  return at + takes;
}

Millis open_time(WallTime from, WallTime to, const std::optional<job::Window>& hours) {
  if (!hours) return std::chrono::duration_cast<Millis>(to - from);
  Millis open{0};
  for (WallTime at = from; at < to; at += kStep)
    if (job::is_open(*hours, at)) open += std::min<Millis>(kStep, to - at);
  return open;
}

// Day by day: each source sends what its rates and the day's cap let through, those that are warm
// what their rates let through.
std::optional<WallTime> finish_of(std::uint64_t recipients, const scheduler::LaneLimits& limits,
                                  std::vector<WarmingSource> warming, const Pace& pace) {
  const std::uint64_t warm = pace.sources - std::min(pace.sources, warming.size());
  WallTime at = pace.begin;
  for (int days = 0; days <= kDaysOfYear; ++days) {
    const WallTime end = pace.day_end(at);
    const Millis open = open_time(at, end, pace.window);
    std::uint64_t room = open > Millis{0} ? kNoLimit : 0;
    for (const scheduler::Rate& rate : limits.rates) room = std::min(room, count_in(open, rate));
    std::uint64_t capped = 0;  // what sources send that reach their cap
    std::uint64_t free = room > 0 ? warm : 0;
    std::uint64_t held = 0;
    for (WarmingSource& source : warming) {
      const auto cap = scheduler::warmup_cap(limits.warmup, static_cast<int>(source.day));
      const auto today =
          static_cast<std::uint64_t>(cap ? std::max<std::int64_t>(*cap - source.sent, 0) : room);
      if (today >= room)
        free += room > 0 ? 1 : 0;
      else
        capped += today, held += today > 0 ? 1 : 0;
      // A day on which nothing is sent does not count.
      if (std::min(today, room) > 0 || source.sent > 0 || source.day < 1) ++source.day;
      source.sent = 0;
    }
    const std::uint64_t left = recipients - std::min(recipients, capped + free * room);
    if (left == 0 && free + held > 0) {
      const std::uint64_t share = free > 0
                                      ? share_of(recipients - std::min(recipients, capped), free)
                                      : share_of(recipients, held);
      const Millis takes = slowest_of({}, 0, share, limits.rates).takes;
      return after(std::min(open, takes), at, pace.window);
    }
    recipients = left;
    at = end;
  }
  return std::nullopt;
}

// What takes longest, and when that is over.
void consider(LaneForecast lane, std::optional<WallTime> finish, const Pace& pace,
              Forecast& forecast) {
  const WallTime end = finish.value_or(pace.begin + kYear);
  if (end < forecast.finish || (finish && end == forecast.finish)) return;
  forecast.finish = end;
  forecast.ends = forecast.ends && finish.has_value();
  forecast.takes = lane.takes;
  forecast.slowest = std::move(lane);
}

void consider_warmup(const Receiver& receiver, const std::string& name,
                     scheduler::LaneLimits limits, const Pace& pace, Forecast& forecast) {
  if (!pace.warming || receiver.recipients == 0) return;
  const auto warming = pace.warming(receiver);
  if (warming.empty()) return;
  if (!receiver.named) limits.rates.clear();  // each of them has its own
  const auto finish = finish_of(receiver.recipients, limits, warming, pace);
  LaneForecast lane{
      name, receiver.recipients,
      std::chrono::duration_cast<Millis>(finish.value_or(pace.begin + kYear) - pace.begin),
      "the caps of warm-up"};
  if (!finish || *finish >= pace.day_end(pace.begin)) {
    const auto same = std::ranges::find(forecast.lanes, name, &LaneForecast::receiver);
    if (same == forecast.lanes.end())
      forecast.lanes.push_back(lane);
    else if (lane.takes > same->takes)
      *same = lane;
  }
  consider(std::move(lane), finish, pace, forecast);
}

}  // namespace

Millis time_for(std::uint64_t count, const scheduler::Rate& rate) {
  const auto burst = static_cast<std::uint64_t>(std::max<std::int64_t>(rate.burst, 1));
  if (count <= burst || rate.count <= 0) return Millis{0};
  const double intervals = static_cast<double>(count - burst) / static_cast<double>(rate.count);
  const double ms = std::ceil(intervals * static_cast<double>(rate.per.count()));
  return Millis{static_cast<std::int64_t>(std::min(ms, 1e15))};
}

std::uint64_t count_in(Millis time, const scheduler::Rate& rate) {
  if (time <= Millis{0}) return 0;
  const double intervals = static_cast<double>(time.count()) /
                           static_cast<double>(std::max<std::int64_t>(rate.per.count(), 1));
  const double count = std::floor(intervals * static_cast<double>(rate.count));
  return static_cast<std::uint64_t>(std::max<std::int64_t>(rate.burst, 1)) +
         static_cast<std::uint64_t>(std::clamp(count, 0.0, 1e15));
}

Forecast make_forecast(const std::vector<Receiver>& receivers, const Pace& pace) {
  Forecast forecast;
  forecast.finish = pace.begin;
  std::uint64_t total = 0;
  Receiver unnamed;
  for (const Receiver& receiver : receivers) {
    total += receiver.recipients;
    if (!receiver.named) unnamed.recipients += receiver.recipients;
    forecast.lanes.push_back(
        slowest_of(receiver.provider, receiver.recipients,
                   share_of(receiver.recipients, std::max<std::size_t>(pace.sources, 1)),
                   pace.limits(receiver).rates));
  }
  // Of lanes without caps the one that takes longest ends last.
  LaneForecast slowest = slowest_of({}, total, total, pace.channel);
  for (const LaneForecast& lane : forecast.lanes)
    if (lane.takes > Millis{0} && lane.takes >= slowest.takes) slowest = lane;
  const auto finish = after(slowest.takes, pace.begin, pace.window);
  consider(std::move(slowest), finish, pace, forecast);
  for (const Receiver& receiver : receivers)
    if (receiver.named)
      consider_warmup(receiver, receiver.provider, pace.limits(receiver), pace, forecast);
  consider_warmup(unnamed, "receivers without a name", pace.limits(unnamed), pace, forecast);
  std::ranges::sort(forecast.lanes, [](const LaneForecast& a, const LaneForecast& b) {
    return a.takes != b.takes ? a.takes > b.takes : a.receiver < b.receiver;
  });
  return forecast;
}

}  // namespace hongyan::check
