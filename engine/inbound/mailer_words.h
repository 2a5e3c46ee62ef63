#pragma once

#include "engine/answer/rules.h"

#include <optional>
#include <string_view>

namespace hongyan::inbound {

// What mailers write into notices when no receiver answered, which rules for replies do not know:
// time-outs, hosts that are not there, programs behind a mailbox. `text`: UTF-8, any case.
std::optional<answer::Group> group_of_mailer_words(std::string_view text);

}  // namespace hongyan::inbound
