#pragma once

#include "engine/check/receiver_rules.h"
#include "engine/job/window.h"
#include "scheduler/limits.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace hongyan::check {

// How far a source has come that a receiver does not know yet (scheduler/warmup.h).
struct WarmingSource {
  std::int64_t day = 1;   // of the curve, on the first day of the campaign; 0 and less: before it
  std::int64_t sent = 0;  // of that day's cap
};

// What paces a campaign.
struct Pace {
  std::size_t sources = 1;  // that send by themselves; each has its own lane per receiver
  std::function<scheduler::LaneLimits(const Receiver&)> limits;
  // Those of them that warm up with this receiver; the others are warm. Receivers without a name
  // share the caps of a day: they are asked for together, without a provider.
  std::function<std::vector<WarmingSource>(const Receiver&)> warming;
  std::function<WallTime(WallTime)> day_end;  // of the day that caps count
  std::vector<scheduler::Rate> channel;       // over all lanes
  std::optional<job::Window> window;
  WallTime begin;
};

struct LaneForecast {
  std::string receiver;
  std::uint64_t recipients = 0;
  Millis takes{0};     // of open sending hours; of all hours where days have caps
  std::string rate{};  // that binds; empty: none does
};

struct Forecast {
  Millis takes{0};  // of what is slowest
  WallTime finish;
  bool ends = true;  // within the year
  LaneForecast slowest;
  std::vector<LaneForecast> lanes;  // slowest first
};

// The least time that the limits allow: everybody answers at once and takes every message. What
// receivers refuse, and how long a connection takes, comes on top.
Forecast make_forecast(const std::vector<Receiver>& receivers, const Pace& pace);

// How long `count` messages take under one rate: the burst goes at once.
Millis time_for(std::uint64_t count, const scheduler::Rate& rate);
// How many leave meanwhile.
std::uint64_t count_in(Millis time, const scheduler::Rate& rate);

}  // namespace hongyan::check
