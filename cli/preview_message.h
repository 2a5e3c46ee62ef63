#pragma once

#include "cli/judge_campaign.h"
#include "engine/list/row.h"

#include <cstddef>
#include <string>

namespace hongyan::cli {

// A message as a recipient would get it, but for the signature; links of ours lead nowhere.
struct PreviewMessage {
  std::string to;
  std::string subject;  // as people read it
  std::string text;     // likewise, of the text part
  std::string variant;  // name; empty: there is one template
  std::string wire;
};

// Errors: those of message::Compiled::render. `variant`: number, below what the job has.
Result<PreviewMessage> preview_message(const JudgedCampaign& campaign, const list::Row& row,
                                       std::size_t variant);

}  // namespace hongyan::cli
