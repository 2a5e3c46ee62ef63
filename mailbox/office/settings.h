#pragma once

#include "base/error.h"
#include "mailbox/account/account.h"

namespace hongyan::mailbox {

// What an order `mailbox.set` changes: fields of the order to fields of the store, where an empty
// value deletes. `may_notify`: mail about mailboxes can leave ([mailbox.notify]). Errors:
// "bad-setting", a sentence.
Result<Fields> read_settings(const Fields& order, bool may_notify);

}  // namespace hongyan::mailbox
