#pragma once

#include "engine/inbound/level.h"
#include "engine/inbound/report.h"

#include <optional>

namespace hongyan::inbound {

// A complaint: a feedback report (RFC 5965), or Microsoft's form of one (JMRP: the message as it
// was, in a mail from staff@hotmail.com, the recipient in X-HmXmrOriginalRecipient). Types that are
// no complaint give another kind; nothing: it is no feedback.
std::optional<Report> read_feedback(const Level& level);

}  // namespace hongyan::inbound
