#pragma once

#include "mailbox/account/account.h"
#include "mailbox/catalogue/catalogue.h"
#include "mailbox/login/explain.h"
#include "mailbox/office/login_failure.h"

#include <optional>

namespace hongyan::mailbox {

// What refusals mean for a mailbox. Pure; what the words mean is mailbox/login's to say.

// After somebody had it tried (verify): one answer decides.
Status status_after(const login::Conclusion& says);

// A mailbox in use was refused: `changes` are for its record. Strikes are counted in a row and by
// protocol: that IMAP works says nothing of SMTP. What speaks against the secret counts together.
struct Trouble {
  Fields changes;
  std::optional<Status> status;  // when it stops writing and reading until somebody acts
};
Trouble judge_trouble(const Account& account, const LoginFailure& failure,
                      const login::Conclusion& says, const Provider* provider, WallTime now,
                      double pause_scale);

// Changes that lead the mailbox to its provider's next pair of servers, behind the last to the
// first; none when there is no other.
Fields other_servers(const Account& account, const Provider* provider);

// The mailbox was served over `protocol`, past all that is judged above: changes for its record.
// None when nothing was held against it.
Fields forgive(const Account& account, login::Protocol protocol);
// Changes that forget all strikes: a person has had it tried.
Fields forget_strikes();

}  // namespace hongyan::mailbox
