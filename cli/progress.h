#pragma once

#include "base/money.h"
#include "store/job_store.h"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace hongyan::cli {

inline constexpr std::array<std::string_view, 5> kWaitingStates = {"queued", "claimed", "in_flight",
                                                                   "in_doubt", "deferred"};
inline constexpr std::array<std::string_view, 8> kFinalStates = {
    "delivered", "bounced", "suppressed", "invalid", "duplicate", "expired", "cancelled", "held"};

// A job's counts at one moment, as people follow them.
struct Progress {
  std::string state;
  std::string reason;
  std::int64_t total = 0;
  bool list_complete = false;
  std::int64_t waiting = 0;
  std::int64_t delivered = 0, bounced = 0, deferred = 0, invalid = 0, duplicate = 0;
  std::int64_t in_flight = 0, in_doubt = 0, held = 0;
  std::int64_t breaker_n = 0, breaker_bad = 0;
  MicroYuan charged;
  std::int64_t at_ms = 0;  // Redis' time

  static Progress of(const store::JobView& job);
  std::int64_t final() const { return total - waiting; }
  bool ended() const { return state == "done" || (state == "cancelled" && waiting == 0); }
  // Nothing moves until somebody does something.
  bool stuck() const { return state == "paused" || state == "tripped" || state == "unfunded"; }
};

// "[#####-----]  52 %  5,200 of 10,000  ..." within `columns`; `before` is some seconds older, for
// messages per second and the time left.
std::string progress_line(const Progress& now, const Progress& before, std::size_t columns);
// What an operator would do about a job in this state; empty when nothing.
std::string next_step(const std::string& id, const store::JobView& job);

}  // namespace hongyan::cli
