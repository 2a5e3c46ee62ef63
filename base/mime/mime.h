#pragma once

#include "base/clock.h"
#include "base/mime/fields.h"

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hongyan::mime {

// How much of a mail is read. What a report has to say stands at its front; behind that comes what
// it returns, as large as the sender likes.
inline constexpr std::size_t kMostRead = 256 * 1024;
// Multiparts and messages within messages, together; honest reports have up to ten.
inline constexpr std::size_t kMostParts = 64;

inline constexpr int kOutermost = -1;

// A leaf of the MIME tree, or a message in it.
struct Part {
  std::string type;          // "text/plain", "message/rfc822", lower case
  int message = kOutermost;  // the part that is the message it belongs to
  Fields fields;             // message/rfc822: the header of the message in it
  std::string text;          // text/*, message/* but rfc822: decoded, UTF-8, \n; otherwise empty
};

// Why a mail was not read.
enum class Refusal : unsigned char {
  kTooManyParts,   // more nesting than any honest mail has
  kTooManyFields,  // likewise header fields
  kTooManyGroups,  // likewise groups in a list of addresses
};
struct Mail {
  Fields fields;
  std::string type;         // "multipart/report"
  std::vector<Part> parts;  // in order; a message stands before its parts
};

// GMime's tree, flat. Any bytes give a mail, but for those built to exhaust a reader.
// Bounded: kMostRead bytes, kMostParts levels.
std::expected<Mail, Refusal> parse_mime(std::string_view bytes);

// RFC 2047 encoded words, and GBK that nobody declared, to UTF-8.
std::string decode_words(std::string_view value);

// Somebody named in From, To or their like.
struct Mailbox {
  std::string name;  // decoded; may be empty
  std::string address;
};
// At most `most`, groups dissolved. A value built to exhaust a reader has none.
std::vector<Mailbox> parse_mailboxes(std::string_view value, std::size_t most);

// A date as mails have it (RFC 5322 3.3, and what passes for one).
std::optional<WallTime> parse_mail_date(std::string_view value);

}  // namespace hongyan::mime
