#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace hongyan::engine {

// A lane as operators see it: what waits, what goes, and which limit holds it.
struct LaneView {
  std::string provider, source;
  std::int64_t waiting = 0;    // claimed and in this lane; the rest waits in Redis
  std::int64_t in_flight = 0;  // handed to connections
  std::int64_t connections = 0;
  double per_second = 0;          // measured
  double allowed_per_second = 0;  // by limits and pace; 0: as many as it can
  // "proxy" (the source's is away), "paused", "warm-up", "rate", "pace", "tokens", "connections",
  // "nothing" (has what it needs), "idle"
  std::string held_by;
  std::string mode;                  // normal, slow, paused
  std::string reason;                // of the mode
  std::string reply;                 // that caused the mode
  std::int64_t paused_until_ms = 0;  // unix; 0: is not paused
  std::string warmup;                // of a source that warms up: its day and what was sent
  std::string last_refusal;          // the last answer that was none of acceptance
  double oldest_seconds = 0;         // since the longest waiting delivery was claimed
  std::int64_t judged = 0;           // outcomes that say whether an address is good
  std::int64_t bad = 0;
};

// {"at":unix ms,"lanes":[{...}]}: what an engine writes into hongyan:lanes once a second. The
// busiest come first, at most kMostLanesShown.
std::string lanes_json(std::int64_t at_ms, std::vector<LaneView> lanes);
inline constexpr std::size_t kMostLanesShown = 200;

}  // namespace hongyan::engine
