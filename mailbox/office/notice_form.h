#pragma once

#include "base/json.h"
#include "engine/config/fleet.h"
#include "store/note_store.h"

#include <optional>
#include <string>

// How mails about mailboxes are written; pure.
namespace hongyan::mailbox {

// The job that mails a batch of notes to one person. The same batch makes the same document, so a
// second engine or a second try submits a job that is there already. Nothing: no note of it is
// worth a mail.
std::optional<Json> notice_job(const config::MailboxNotices& settings, const std::string& address,
                               const store::NoteStore::Batch& batch);

}  // namespace hongyan::mailbox
