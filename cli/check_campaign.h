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
#include <vector>

namespace hongyan::cli {

// A job as the recipients of one variant see it; of none: the job itself.
std::vector<job::Job> jobs_of(const job::Job& job);

// The campaign under `check`: what could be made of it, faults or not.
struct CheckedCampaign {
  job::Job job;  // after a fault: only what the rules for texts need
  // One message, or one for each variant; none after a fault.
  std::vector<std::shared_ptr<const message::Compiled>> compiled;
  // What the engine adds for each recipient; null when the channel is not known.
  std::shared_ptr<const engine::JobIdentity> identity;
  check::Offer offer;
};

// Faults of file, document and templates become findings. Without a fleet tenant and channel are
// believed. Nothing when the file cannot be read as TOML.
std::optional<CheckedCampaign> load_checked(const std::string& path, const config::Fleet* fleet,
                                            check::Findings& findings);

// The subject of somebody of whom nothing is known.
std::string bare_subject(const job::Job& job);

struct CheckedList {
  bool given = false;
  check::ListView view;
  std::vector<std::string> columns;
  bool columns_known = false;           // a CSV with a header row
  std::vector<check::Samples> samples;  // of each variant, or of the one message
  check::AddressSample addresses{10'000};
};

// Reads the whole list ("-": standard input) and renders the message for its first recipients.
void read_checked_list(const std::string& path, const list::ListOptions& options,
                       const CheckedCampaign& campaign, CheckedList& list,
                       check::Findings& findings);

}  // namespace hongyan::cli
