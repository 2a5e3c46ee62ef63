#pragma once

#include "cli/session.h"
#include "engine/config/config.h"

#include <optional>

namespace hongyan::cli {

// The fleet configuration that is published in Redis; nothing when none is, when it cannot be read,
// or when this Redis user may not see it. Errors: those of the Session.
Result<std::optional<config::Fleet>> published_fleet(Session& session);

}  // namespace hongyan::cli
