#pragma once

#include "cli/session.h"
#include "mailbox/account/account.h"
#include "mailbox/catalogue/catalogue.h"
#include "store/mailbox_store.h"

#include <optional>
#include <string>
#include <vector>

namespace hongyan::cli {

// A bound mailbox as people see it.
struct MailboxView {
  mailbox::Account account;
  mailbox::PaceDay day;
  std::int64_t sent_today = 0;
  struct Letter {
    std::string id;
    mailbox::LetterRecord record;
    std::optional<WallTime> expected;  // of one that waits
  };
  std::vector<Letter> letters;  // those that wait in their order, then the newest others
  std::size_t waiting = 0;
};

// Nothing: it is not bound. `most` letters at most are read, besides those that wait.
Result<std::optional<MailboxView>> load_mailbox(Session& session, const std::string& address,
                                                const mailbox::Catalogue& catalogue, int most);

Result<std::vector<std::string>> all_mailboxes(Session& session);

}  // namespace hongyan::cli
