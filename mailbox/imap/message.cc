#include "mailbox/imap/message.h"

#include "base/mime/html_text.h"
#include "base/text.h"
#include "base/utf8.h"
#include "mailbox/imap/command.h"

namespace hongyan::imap {
namespace {

constexpr std::size_t kMostAddresses = 20;
constexpr std::size_t kMostReferences = 50;
constexpr std::size_t kMostId = 998;  // a line of RFC 5322
constexpr std::size_t kMostSubject = 500;
constexpr std::size_t kSnippet = 200;

// Every "<id>" in the value; what stands between is not looked at.
std::vector<std::string> ids_of(std::string_view value) {
  std::vector<std::string> ids;
  for (;;) {
    const std::size_t open = value.find('<');
    const std::size_t close = value.find('>', open);
    if (open == std::string_view::npos || close == std::string_view::npos) return ids;
    const std::string_view id = trim_blanks(value.substr(open + 1, close - open - 1));
    if (!id.empty() && id.size() <= kMostId) ids.push_back(replace_invalid_utf8(id));
    value.remove_prefix(close + 1);
  }
}

std::string first_id(std::string_view value) {
  auto ids = ids_of(value);
  return ids.empty() ? std::string() : std::move(ids.front());
}

bool is_from_machine(const mime::Fields& fields) {
  const std::string submitted = ascii_lower(fields.find("auto-submitted"));
  if (!submitted.empty() && !submitted.starts_with("no")) return true;
  const std::string precedence = ascii_lower(fields.find("precedence"));
  return precedence == "bulk" || precedence == "list" || precedence == "junk" ||
         precedence == "auto_reply";
}

// Plain text before HTML, whichever comes first of each; not that of a message in the message.
std::string text_of(const mime::Mail& mail) {
  std::string html;
  for (const mime::Part& part : mail.parts) {
    if (part.message != mime::kOutermost) continue;
    if (part.type == "text/html") {
      if (html.empty()) html = snippet_of(mime::text_of_html(part.text), kSnippet);
    } else if (part.type.starts_with("text/")) {
      std::string plain = snippet_of(part.text, kSnippet);
      if (!plain.empty()) return plain;
    }
  }
  return html;
}

}  // namespace

std::string_view message_items() {
  // With the fields that MIME needs to read the front of the text.
  return "(UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER.FIELDS (FROM TO SUBJECT DATE "
         "MESSAGE-ID IN-REPLY-TO REFERENCES MIME-VERSION CONTENT-TYPE CONTENT-TRANSFER-ENCODING "
         "AUTO-SUBMITTED PRECEDENCE)] BODY.PEEK[TEXT]<0.8192>)";
}

std::string snippet_of(std::string_view text, std::size_t most) {
  std::string out;
  bool blank = false;
  std::size_t points = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= ' ' || byte == 0x7F) {
      blank = !out.empty();
      continue;
    }
    const bool begins = (byte & 0xC0) != 0x80;
    const std::size_t needed = (begins ? 1U : 0U) + (blank ? 1U : 0U);
    if (points + needed > most) break;
    points += needed;
    if (blank) out += ' ';
    blank = false;
    out += c;
  }
  return replace_invalid_utf8(out);
}

MessageHead read_message(const FetchData& data) {
  MessageHead head;
  head.uid = data.uid;
  head.size = data.size;
  head.seen = data.has_flag("\\Seen");
  head.received = parse_internal_date(data.internal_date);
  std::string bytes;
  for (const auto& [name, octets] : data.sections)
    if (name.starts_with("BODY[HEADER")) bytes = octets;
  while (bytes.ends_with('\n') || bytes.ends_with('\r')) bytes.pop_back();
  bytes.append("\r\n\r\n").append(data.section("BODY[TEXT]"));
  const auto mail = mime::parse_mime(bytes);
  if (!mail) return head;
  const mime::Fields& fields = mail->fields;
  head.date = mime::parse_mail_date(fields.find("date"));
  head.from = mime::parse_mailboxes(fields.find("from"), kMostAddresses);
  head.to = mime::parse_mailboxes(fields.find("to"), kMostAddresses);
  head.subject = snippet_of(mime::decode_words(fields.find("subject")), kMostSubject);
  head.message_id = first_id(fields.find("message-id"));
  head.in_reply_to = first_id(fields.find("in-reply-to"));
  head.references = ids_of(fields.find("references"));
  if (head.references.size() > kMostReferences)
    head.references.erase(head.references.begin(), head.references.end() - kMostReferences);
  head.from_machine = is_from_machine(fields);
  head.snippet = text_of(*mail);
  return head;
}

}  // namespace hongyan::imap
