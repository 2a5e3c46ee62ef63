#pragma once

#include "cli/session.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hongyan::cli {

// An engine as its heartbeat describes it.
struct Engine {
  std::string id;
  std::int64_t at_ms = 0;
  std::int64_t pid = 0;
  std::string host;
  std::string version;
  bool ready = false;
  bool holds = false;  // it knows of the hold (store/hold.h)
  std::vector<std::string> not_ready_because;
  bool live = false;  // heard of within 5 s
  std::int64_t workers = 0, held = 0, connections = 0;
  std::vector<std::string> sources;
};

// Pure. A heartbeat that cannot be read is an engine that is not live.
Engine parse_heartbeat(std::string_view id, std::string_view json, std::int64_t now_ms);

// All that left a heartbeat and did not end cleanly, sorted by id.
Result<std::vector<Engine>> load_engines(Session& session);

}  // namespace hongyan::cli
