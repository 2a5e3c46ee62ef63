#pragma once

#include "cli/session.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hongyan::cli {

// A lane as the engine that owns its source showed it last (engine/core/lane_view.h).
struct LaneRow {
  std::string engine;
  std::int64_t at_ms = 0;
  std::string provider, source;
  std::int64_t waiting = 0, in_flight = 0, connections = 0;
  double per_second = 0, allowed_per_second = 0;
  std::string held_by, mode, reason, reply, last_refusal, warmup;
  std::int64_t paused_until_ms = 0;
  double oldest_seconds = 0;
  std::int64_t judged = 0, bad = 0;
};

// Pure. What cannot be read gives no lanes.
std::vector<LaneRow> parse_lanes(std::string_view engine, std::string_view json);

// Of all engines that were heard of within 5 s, the busiest first.
Result<std::vector<LaneRow>> load_lanes(Session& session);

// "paused for 12m more (refused): 550 Ip frequency limited": what holds this lane now.
std::string lane_sentence(const LaneRow& lane, std::int64_t now_ms);

}  // namespace hongyan::cli
