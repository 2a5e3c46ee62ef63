#pragma once

#include "cli/command.h"
#include "engine/config/fleet.h"
#include "engine/job/campaign.h"
#include "engine/job/job.h"

#include <expected>
#include <optional>
#include <string>

namespace hongyan::cli {

// A campaign that an engine would take, as far as that can be told without one.
struct JudgedCampaign {
  job::Job job;
  config::Channel channel;
};

// The engine's own judgement. The published configuration tells tenants, From domains and channels;
// without it they are left to the engine. Faults name lines of the campaign's file.
std::expected<JudgedCampaign, Faults> judge_campaign(const job::Campaign& campaign,
                                                     const std::optional<config::Fleet>& fleet);

// Sentences on standard error, or one object; returns `code`.
int print_faults(const Common& common, int code, const Faults& faults);

}  // namespace hongyan::cli
