#pragma once

#include "metrics/registry.h"

namespace hongyan::metrics {

// Reads /proc/self into the hongyan_process_* series. Call before a scrape or once a second.
void record_process(Registry& registry);

}  // namespace hongyan::metrics
