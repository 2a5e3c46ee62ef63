#pragma once

#include "base/clock.h"
#include "base/mime/mime.h"
#include "mailbox/imap/response.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hongyan::imap {

// What an event tells of a message; all text is UTF-8. Anybody can write a mail: nothing is proof.
struct MessageHead {
  std::uint32_t uid = 0;
  std::uint32_t size = 0;            // bytes of the whole message
  bool seen = false;                 // read already, by whatever client
  std::optional<WallTime> received;  // when it came into the mailbox
  std::optional<WallTime> date;      // when its writer says it was written
  std::vector<mime::Mailbox> from;
  std::vector<mime::Mailbox> to;
  std::string subject;
  std::string message_id;               // without brackets, as all ids here
  std::string in_reply_to;              // the first
  std::vector<std::string> references;  // oldest first; of many the last 50
  std::string snippet;                  // the beginning of its text, in one line
  bool from_machine = false;            // says itself that no person wrote it (RFC 3834)
};

// The items of a FETCH that read_message() understands. PEEK: no flag is changed.
std::string_view message_items();

MessageHead read_message(const FetchData& data);

// The first `most` code points, blanks run together.
std::string snippet_of(std::string_view text, std::size_t most);

}  // namespace hongyan::imap
