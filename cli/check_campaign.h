#pragma once

#include "engine/check/address_sample.h"
#include "engine/check/list_rules.h"
#include "engine/check/message_rules.h"
#include "engine/config/config.h"
#include "engine/core/job_identity.h"
#include "engine/list/list_reader.h"
#include "engine/message/message.h"

#include <memory>
#include <optional>
#include <string>

namespace hongyan::cli {

// The campaign under `check`: what could be made of it, faults or not.
struct CheckedCampaign {
  job::Job job;  // after a fault: only what the rules for texts need
  std::shared_ptr<const message::Compiled> compiled;  // null after a fault
  // What the engine adds for each recipient; null when the channel is not known.
  std::shared_ptr<const engine::JobIdentity> identity;
  check::Offer offer;
};

// Faults of file, document and templates become findings. Without a fleet tenant and channel are
// believed. Nothing when the file cannot be read as TOML.
std::optional<CheckedCampaign> load_checked(const std::string& path, const config::Fleet* fleet,
                                            check::Findings& findings);

struct CheckedList {
  bool given = false;
  check::ListView view;
  std::vector<std::string> columns;
  bool columns_known = false;  // a CSV with a header row
  check::Samples samples;
  check::AddressSample addresses{10'000};
};

// Reads the whole list ("-": standard input) and renders the message for its first recipients.
void read_checked_list(const std::string& path, const list::ListOptions& options,
                       const CheckedCampaign& campaign, CheckedList& list,
                       check::Findings& findings);

// The subject as `vars` make it, for people and rules.
std::string subject_for(const job::Job& job,
                        const std::vector<std::pair<std::string, std::string>>& vars);

}  // namespace hongyan::cli
