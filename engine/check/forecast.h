#pragma once

#include "engine/check/receiver_rules.h"
#include "engine/job/window.h"
#include "scheduler/limits.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace hongyan::check {

// What paces a campaign.
struct Pace {
  std::size_t sources = 1;  // that send by themselves; each has its own lane per receiver
  std::function<scheduler::LaneLimits(const Receiver&)> limits;
  std::vector<scheduler::Rate> channel;  // over all lanes
  std::optional<job::Window> window;
  WallTime begin;
};

struct LaneForecast {
  std::string receiver;
  std::uint64_t recipients = 0;
  Millis takes{0};
  std::string rate;  // that binds; empty: none does
};

struct Forecast {
  Millis takes{0};  // of open sending hours
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

}  // namespace hongyan::check
