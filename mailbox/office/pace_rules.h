#pragma once

#include "engine/config/fleet.h"
#include "mailbox/account/account.h"
#include "mailbox/catalogue/catalogue.h"
#include "mailbox/pace/pace.h"

namespace hongyan::mailbox {

// The pace of a mailbox: configuration, its provider's limit and what it has learnt.
PaceRules pace_rules(const config::MailboxSettings& settings, const Catalogue& catalogue,
                     const Account& account, double time_scale = 1);

}  // namespace hongyan::mailbox
