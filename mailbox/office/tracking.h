#pragma once

#include "engine/identity/tracking_token.h"
#include "mailbox/account/account.h"
#include "metrics/registry.h"
#include "store/mailbox_store.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace hongyan::mailbox {

// Counts who opened a tracked letter and which of its links were followed, once each, and tells it.
// Needs no vault: every engine that serves the pages can do it.
//
// Owner: the engine. Thread: the control thread.
class Tracking {
 public:
  struct Tools {
    store::JobStore& store;
    metrics::Registry& registry;
    std::string secret;  // of all engines
    // The news of a mailbox go out.
    std::function<async::Task<>(Account)> publish;
  };
  explicit Tracking(Tools tools) : tools_(std::move(tools)), mailboxes_(tools_.store) {}

  // Nothing: not ours, or forged.
  std::optional<identity::LetterTracking> open(std::string_view token) const {
    return identity::open_letter_tracking(tools_.secret, token);
  }
  // "counted", "known" (not the first time) or "gone" (the letter is no longer kept).
  async::Task<Result<std::string>> seen(identity::LetterTracking what);

 private:
  Tools tools_;
  store::MailboxStore mailboxes_;
};

}  // namespace hongyan::mailbox
