#pragma once

#include "engine/config/config.h"
#include "engine/config/reader.h"

namespace hongyan::config {

// What no single key can tell: names that refer to nothing, patterns claimed twice, ends before
// beginnings. Fills what follows from other keys (message_id_domain) and lowers domains.
void verify_fleet(Fleet& fleet, Report& report);

// Settles engine.id, workers and sources_here.
void verify_local(Local& local, const Fleet& fleet, const Surroundings& surroundings,
                  Report& report);

// Reads the values of the secrets this engine needs.
void read_secrets(Config& config, const Surroundings& surroundings, Report& report);

}  // namespace hongyan::config
