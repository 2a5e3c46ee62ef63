#pragma once

#include "cli/check_show.h"
#include "cli/session.h"
#include "engine/check/receiver_rules.h"
#include "engine/config/fleet.h"
#include "engine/job/job.h"

#include <vector>

namespace hongyan::cli {

// When the campaign would be done. `session` tells how far sources have come that warm up; without
// it the calendar does.
void check_forecast(const job::Job& job, const std::vector<check::Receiver>& receivers,
                    const config::Channel& channel, const config::Fleet& fleet, Session* session,
                    CheckReport& report);

}  // namespace hongyan::cli
