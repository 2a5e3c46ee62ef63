#pragma once

#include "cli/engines.h"
#include "engine/config/fleet.h"

#include <map>
#include <string>
#include <vector>

namespace hongyan::cli {

// Sources that no running engine has: nothing leaves by them. Name → a sentence that says what to
// do. Pure.
std::map<std::string, std::string> unowned_sources(const config::Fleet& fleet,
                                                   const std::vector<Engine>& engines);

}  // namespace hongyan::cli
