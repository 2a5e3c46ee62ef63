#pragma once

#include "engine/config/fleet.h"
#include "mailbox/account/account.h"
#include "mailbox/catalogue/catalogue.h"
#include "mailbox/pace/pace.h"

namespace hongyan::mailbox {

// The pace of a mailbox: configuration, its provider's limit and what it has learnt.
PaceRules pace_rules(const config::MailboxSettings& settings, const Catalogue& catalogue,
                     const Account& account, double time_scale = 1);

// What its provider lets all mailboxes of the domain write in a day together; 0: it does not count
// them so.
std::int64_t domain_cap(const Catalogue& catalogue, const Account& account);

}  // namespace hongyan::mailbox
