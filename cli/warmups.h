#pragma once

#include "cli/session.h"
#include "scheduler/warmup.h"

#include <string>
#include <vector>

namespace hongyan::cli {

// How far a source that warms up has come with one provider.
struct WarmupRow {
  std::string source;
  std::string provider;      // "other": all without a name together; empty: it has sent nothing yet
  std::string start;         // as configured
  std::string on;            // the date on which it sent last
  scheduler::WarmupDay day;  // that day
};

// Of all sources that the published configuration warms up. None for a user who may not look.
Result<std::vector<WarmupRow>> load_warmups(Session& session);

}  // namespace hongyan::cli
