#pragma once

#include "base/fault.h"
#include "engine/config/fleet.h"
#include "mailbox/letter/letter.h"
#include "store/mailbox_store.h"
#include "store/suppression.h"

#include <expected>
#include <string>
#include <vector>

namespace hongyan::mailbox {

// Takes letters in: everything that can be known to be wrong is said now, and what is taken waits
// in its mailbox. Here mailboxes are kept from becoming bulk senders.
//
// Owner: the office. Thread: the control thread.
class LetterDesk {
 public:
  LetterDesk(store::JobStore& store, const config::MailboxSettings& settings, TrackingPages pages);

  // Every fault; none: the letter waits, or is known already. An error means that nothing is
  // decided: come again.
  async::Task<Result<Faults>> take(std::string document);

 private:
  async::Task<Result<Faults>> judge(const Letter& letter);
  async::Task<Result<Faults>> guard(const Letter& letter, std::uint64_t fingerprint);

  const config::MailboxSettings& settings_;
  TrackingPages pages_;
  store::MailboxStore mailboxes_;
  store::SuppressionStore suppressions_;
};

// The letter with its templates evaluated, as people would read it.
struct LetterText {
  std::string subject;
  std::string text;
};
std::expected<LetterText, Faults> read_letter(const Letter& letter, const TrackingPages& pages);

}  // namespace hongyan::mailbox
