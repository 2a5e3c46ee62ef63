#include "scheduler/pace.h"
#include "scheduler/rate.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <vector>

// The pace against a receiver with a limit that nobody told it, hours in milliseconds.
namespace hongyan::scheduler {
namespace {

using namespace std::chrono_literals;
using Kind = LaneReaction::Kind;

struct Receiver {
  const char* name;
  Rate limit;  // hidden
  LaneReaction answer;
  Millis latency{30};
};

struct Told {
  double kept = 0;     // share of the tens of minutes, from hour 6 on, with a median of 90 to 100 %
  double refused = 0;  // share of the attempts
  std::int64_t events = 0;
};

// One message at a time on each of the connections that the pace's window allows.
Told run(const Receiver& receiver, std::chrono::minutes length, int most_connections = 10) {
  ManualClock clock;
  Pace pace{LaneLimits{.connections = most_connections, .rates = {}}};
  Gcra hidden(std::vector<Rate>{receiver.limit});
  const SteadyTime end = clock.steady() + length;
  std::vector<int> minutes(static_cast<std::size_t>(length.count()) + 1);
  std::vector<std::pair<SteadyTime, bool>> out;  // answers on their way, in order: taken or not
  std::int64_t attempts = 0, refused = 0, events = 0;
  while (clock.steady() < end) {
    const SteadyTime now = clock.steady();
    while (!out.empty() && out.front().first <= now) {
      const bool taken = out.front().second;
      out.erase(out.begin());
      if (taken) {
        pace.answered(now);
        continue;
      }
      const auto before = pace.revision();
      pace.react(receiver.answer, "you send too fast", now);
      events += pace.revision() != before;
    }
    if (static_cast<int>(out.size()) < pace.window(now) && pace.time_until_allowed(now) == 0ns) {
      pace.started(now);
      ++attempts;
      const bool taken = hidden.time_until_allowed(now) == 0ns;
      if (taken) {
        hidden.take(now);
        ++minutes[static_cast<std::size_t>((now - (end - length)) / 1min)];
      } else {
        ++refused;
      }
      out.emplace_back(now + receiver.latency, taken);
      continue;
    }
    auto next = now + std::max<SteadyTime::duration>(pace.time_until_allowed(now), 1ms);
    if (!out.empty()) next = std::min(next, out.front().first);
    clock.advance(next - now);
  }
  const auto per_minute =
      static_cast<double>(receiver.limit.count * (60'000 / receiver.limit.per.count()));
  int kept = 0, tens = 0;
  for (auto at = minutes.begin() + 6 * 60; at + 10 < minutes.end(); at += 10, ++tens) {
    std::vector<int> ten(at, at + 10);
    std::ranges::sort(ten);
    const double median = (ten[4] + ten[5]) / 2.0 / per_minute;
    kept += median >= 0.9 && median <= 1.0 ? 1 : 0;
  }
  return {static_cast<double>(kept) / tens,
          static_cast<double>(refused) / static_cast<double>(attempts), events};
}

class HiddenLimit : public testing::TestWithParam<Receiver> {};

TEST_P(HiddenLimit, IsFoundAndKept) {
  const Told told = run(GetParam(), 24h);
  std::printf("%s: kept %.0f %% of the time, %.3f %% refused, %lld times told\n", GetParam().name,
              100 * told.kept, 100 * told.refused, static_cast<long long>(told.events));
  EXPECT_GE(told.kept, 0.75);
  EXPECT_LE(told.refused, 0.01);
}

INSTANTIATE_TEST_SUITE_P(
    Receivers, HiddenLimit,
    testing::Values(Receiver{"pause of 15 min", {300, 1min, 5}, {Kind::kPause, 15min}},
                    Receiver{"pause of an hour", {300, 1min, 5}, {Kind::kPause, 1h}},
                    Receiver{"pause, a burst of a minute", {300, 1min, 300}, {Kind::kPause, 15min}},
                    Receiver{"slow down", {300, 1min, 5}, {Kind::kSlow, 0ms}},
                    Receiver{"slow down, fast lane", {100, 1s, 20}, {Kind::kSlow, 0ms}},
                    Receiver{"slow down, slow lane", {20, 1min, 2}, {Kind::kSlow, 0ms}}),
    [](const auto& told) { return "R" + std::to_string(told.index); });

}  // namespace
}  // namespace hongyan::scheduler
