#pragma once

#include "base/address.h"
#include "base/fault.h"
#include "engine/job/job.h"
#include "engine/message/message.h"

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hongyan::mailbox {

// One 1-on-1 message, as docs/letter.schema.json has it. Addresses and times are valid, texts are
// UTF-8, what becomes a header has no CR or LF. Templates are as written.
struct Letter {
  std::string id;
  std::string tenant;
  Address mailbox;  // stands in From
  std::string from_name;
  Address to;
  std::optional<Address> reply_to;
  std::string in_reply_to;  // "<id@host>" or empty
  std::vector<std::string> references;
  std::string subject;
  std::string text;  // one of the two may be empty
  std::string html;
  std::vector<std::pair<std::string, std::string>> variables;  // base/list_value.h
  std::vector<std::pair<std::string, std::string>> headers;
  std::optional<WallTime> send_at;
  std::vector<job::Attachment> attachments;
  bool track_opens = false;
  bool track_clicks = false;

  // SHA-256 of the canonical document: equal for equal content, whatever its spelling.
  std::string digest;
};

// Whether a document of hongyan:jobs is a letter, good or bad; without reading all of it.
bool is_letter(std::string_view json);

// Every fault at once. More than one recipient is one of them, with what it would lead to and the
// right way: mailboxes are never for bulk.
std::expected<Letter, Faults> parse_letter(std::string_view json);

// The letter as the builder wants it; attachments by key have what stands in their `data`.
message::Spec message_spec(const Letter& letter);

// Where the links of tracked letters lead, and what seals them.
struct TrackingPages {
  std::string url;  // of [public] as seen from outside; empty: nothing can be tracked
  std::string secret;
};

// What the templates of the letter write: its own values, and what `message`, made of it, needs for
// its tracking.
std::vector<std::pair<std::string, std::string>> letter_variables(const Letter& letter,
                                                                  const message::Compiled& message,
                                                                  const TrackingPages& pages);

// Left of the @ in Message-ID: the same at every attempt.
std::string message_id(const Letter& letter);

// Why bulk is refused, for every place where it is tried.
std::string_view bulk_refusal();

}  // namespace hongyan::mailbox
