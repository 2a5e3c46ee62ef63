#include "engine/check/forecast.h"

#include "scheduler/rate.h"

#include <algorithm>
#include <cmath>

namespace hongyan::check {
namespace {

constexpr std::chrono::hours kYear{365 * 24};

LaneForecast slowest_of(std::string name, std::uint64_t recipients, std::uint64_t share,
                        const std::vector<scheduler::Rate>& rates) {
  LaneForecast lane{std::move(name), recipients, Millis{0}, {}};
  for (const scheduler::Rate& rate : rates)
    if (const Millis takes = time_for(share, rate); takes > lane.takes) {
      lane.takes = takes;
      lane.rate = scheduler::format_rate(rate);
    }
  return lane;
}

// When so much time has passed within the window; nothing when it takes more than a year.
std::optional<WallTime> after(Millis takes, WallTime begin, const job::Window& window) {
  constexpr std::chrono::minutes kStep{5};
  const WallTime last = begin + kYear;
  WallTime at = job::next_opening(window, begin);
  while (takes > kStep) {
    if (at > last) return std::nullopt;
    at += kStep;
    takes -= kStep;
    if (!job::is_open(window, at)) at = job::next_opening(window, at);
  }
  return at + takes;
}

}  // namespace

Millis time_for(std::uint64_t count, const scheduler::Rate& rate) {
  const auto burst = static_cast<std::uint64_t>(std::max<std::int64_t>(rate.burst, 1));
  if (count <= burst || rate.count <= 0) return Millis{0};
  const double intervals = static_cast<double>(count - burst) / static_cast<double>(rate.count);
  const double ms = std::ceil(intervals * static_cast<double>(rate.per.count()));
  return Millis{static_cast<std::int64_t>(std::min(ms, 1e15))};
}

Forecast make_forecast(const std::vector<Receiver>& receivers, const Pace& pace) {
  Forecast forecast;
  std::uint64_t total = 0;
  const auto sources = static_cast<std::uint64_t>(std::max<std::size_t>(pace.sources, 1));
  for (const Receiver& receiver : receivers) {
    total += receiver.recipients;
    forecast.lanes.push_back(slowest_of(receiver.provider, receiver.recipients,
                                        (receiver.recipients + sources - 1) / sources,
                                        pace.limits(receiver).rates));
  }
  std::ranges::sort(forecast.lanes, [](const LaneForecast& a, const LaneForecast& b) {
    return a.takes != b.takes ? a.takes > b.takes : a.receiver < b.receiver;
  });
  if (!forecast.lanes.empty()) forecast.slowest = forecast.lanes.front();
  if (auto channel = slowest_of({}, total, total, pace.channel);
      channel.takes > forecast.slowest.takes)
    forecast.slowest = std::move(channel);
  forecast.takes = forecast.slowest.takes;
  forecast.finish = pace.begin + std::min<Millis>(forecast.takes, kYear);
  forecast.ends = forecast.takes <= kYear;
  if (pace.window && forecast.ends) {
    const auto finish = after(forecast.takes, pace.begin, *pace.window);
    forecast.ends = finish.has_value();
    if (finish) forecast.finish = *finish;
  }
  return forecast;
}

}  // namespace hongyan::check
