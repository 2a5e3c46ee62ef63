#pragma once

#include "engine/inbound/judge.h"
#include "engine/inbound/report.h"

#include <string_view>
#include <vector>

namespace hongyan::inbound {

// Amazon SES' notifications, which a topic of Amazon SNS sends as mail: JSON in a text part, with
// bouncedRecipients or complainedRecipients. A relay of ours may be one. Empty: it is none.
std::vector<Report> read_notification(std::string_view text, const Judge& judge);

}  // namespace hongyan::inbound
