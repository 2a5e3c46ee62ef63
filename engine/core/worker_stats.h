#pragma once

#include "engine/core/lane_view.h"

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace hongyan::engine {

// The levels of one worker, copied out once a second; what only grows is in its metrics::Sheet.
struct WorkerStats {
  std::uint64_t settle_calls = 0;
  std::uint64_t settle_steps = 0;
  std::uint64_t settle_backlog = 0;
  std::uint64_t dns_questions = 0;
  std::uint64_t dns_failures = 0;
  std::uint64_t redis_commands = 0;
  std::uint64_t redis_reconnects = 0;
  std::int64_t connections = 0;
  std::int64_t held = 0;  // recipients claimed and not settled
  // channel, provider → seconds that the longest waiting claimed recipient has been due
  std::map<std::pair<std::string, std::string>, double> oldest_due;
  // provider (named, or "other"), mode → lanes
  std::map<std::pair<std::string, std::string>, std::int64_t> lanes;
  std::vector<LaneView> lane_views;
};

}  // namespace hongyan::engine
