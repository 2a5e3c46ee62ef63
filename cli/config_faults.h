#pragma once

#include "base/fault.h"

namespace hongyan::cli {

// Prints the faults of a configuration, one a line or as one JSON object; returns kBadConfig.
int report_faults(const Faults& faults, bool as_json);

}  // namespace hongyan::cli
