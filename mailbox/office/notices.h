#pragma once

#include "engine/config/fleet.h"
#include "metrics/registry.h"
#include "store/note_store.h"

#include <string>

namespace hongyan::mailbox {

// Mails what happens in mailboxes to whom their users name: a job of one recipient for each batch
// of notes. Every engine looks; a batch and its job are the same for all, so it is sent once.
//
// Owner: the office. Thread: the control thread.
class Notices {
 public:
  // `time_scale`: the time between two mails is divided by it.
  Notices(store::JobStore& store, const config::MailboxNotices& settings,
          metrics::Registry& registry, double time_scale)
      : store_(store),
        notes_(store),
        settings_(settings),
        registry_(registry),
        time_scale_(time_scale) {}

  // Hands over what waits of a mailbox, if it is time. What Redis does not take now waits on.
  async::Task<> send(std::string address);

 private:
  store::JobStore& store_;
  store::NoteStore notes_;
  const config::MailboxNotices& settings_;
  metrics::Registry& registry_;
  double time_scale_;
};

}  // namespace hongyan::mailbox
