#pragma once

#include "base/error.h"
#include "mailbox/account/account.h"

namespace hongyan::mailbox {

// What an order `mailbox.set` changes: fields of the order to fields of the store, where an empty
// value deletes. Errors: "bad-setting", a sentence.
Result<Fields> read_settings(const Fields& order);

}  // namespace hongyan::mailbox
