#pragma once

#include "mailbox/account/account.h"
#include "mailbox/office/login.h"

#include <string>

namespace hongyan::mailbox {

// A letter that was sent, for the mailbox's own folder of sent mail.
struct SentCopy {
  Account account;
  SavesSent provider_does = SavesSent::kNo;
  bool always_identify = false;
  std::string message;     // whole, as it was sent
  std::string message_id;  // without brackets
};

// Puts it there, unless the provider keeps it by itself; where nobody knows whether it does, the
// folder is looked at first. "appended", "there", or "no-folder".
async::Task<LoginResult<std::string_view>> keep_copy(LoginDesk& logins, SentCopy copy);

}  // namespace hongyan::mailbox
