#pragma once

#include "base/fault.h"
#include "base/json.h"
#include "cli/session.h"

#include <string>
#include <string_view>

namespace hongyan::cli {

// Of what an engine answered to an order for a plan: why it refuses; none: it is done.
Faults faults_of(const Json& answer);
// A member as text; empty when there is none.
std::string text_at(const Json& json, std::string_view name);
// 75: no engine took the order.
int nobody_answered(const Common& common);

}  // namespace hongyan::cli
