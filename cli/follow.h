#pragma once

#include "cli/session.h"

#include <string>

namespace hongyan::cli {

// Shows a job's progress until it ends (0, or 1 when it was cancelled), or until nothing moves
// without somebody's doing (1, with what to do). On a terminal one line that redraws itself,
// otherwise a line every 5 s; with --json an object a second.
int follow(Session& session, const std::string& job, const Common& common);

}  // namespace hongyan::cli
