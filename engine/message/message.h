#pragma once

#include "base/clock.h"
#include "base/error.h"
#include "base/fault.h"
#include "engine/message/splice.h"

#include <chrono>
#include <cstddef>
#include <deque>
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hongyan::message {

struct Attachment {
  std::string filename;
  std::string content_type;  // empty: application/octet-stream
  std::string bytes;
  std::string content_id = {};  // not empty: an image in html, as "cid:CONTENT_ID"
};

// A job's message as written by its author. `subject`, `text`, `html`, header values and
// `list_unsubscribe` are templates in Liquid.
struct Spec {
  std::string from_address;  // bare addr-spec
  std::string from_name;
  std::string reply_to;  // bare addr-spec or empty
  std::string subject;
  std::string text;  // text, html or both; html alone gets a text part made of it
  std::string html;
  std::vector<std::pair<std::string, std::string>> headers;
  std::vector<Attachment> attachments;
  std::string list_unsubscribe;   // "<https://u.example/{{ token }}>"; values are URL-escaped
  bool one_click = false;         // adds List-Unsubscribe-Post (RFC 8058)
  bool track_clicks = false;      // links of html lead through Compiled::links()
  bool track_opens = false;       // an image in html tells that it was shown
  bool unknown_is_empty = false;  // an unknown variable without default, instead of a refusal
  std::string report_type;        // a multipart/report (RFC 6522) of its attachments; empty: none
  std::string message_id_domain;
  std::string job_id;                  // MIME boundaries are made from it
  std::chrono::minutes utc_offset{0};  // of Date; 480 for +0800
};

struct Recipient {
  std::string_view address;  // addr-spec, goes into To
  // Name and value; base/list_value.h tells what is no string.
  std::span<const std::pair<std::string_view, std::string_view>> variables;
  std::string_view message_id;  // left of the @, unique; the same for every attempt
  WallTime date;                // likewise
};

// One recipient's message, with buffers that are used again by the next render.
//
// Owner: one caller at a time. What it holds after render() lives until the next render() into it
// and as long as the Compiled it came from.
class Rendered {
 public:
  // In order; CRLF lines of at most 998 bytes, the last one ended, none beginning with a dot.
  std::span<const std::string_view> pieces() const { return splice_.pieces(); }
  std::size_t size() const { return splice_.size(); }
  bool needs_smtputf8() const { return needs_smtputf8_; }

 private:
  friend class Compiled;
  Splice splice_;
  std::vector<std::string_view> values_;
  std::string scratch_;
  std::string header_;
  std::string evaluated_;
  std::deque<std::string> texts_;
  bool needs_smtputf8_ = false;
};

// A job's message, everything that does not change between recipients encoded once.
// Thread: render() from any number of threads, each with a Rendered of its own.
class Compiled {
 public:
  struct Plan;
  explicit Compiled(std::unique_ptr<const Plan> plan);
  ~Compiled();

  // Refuses the recipient (scope delivery), naming the variable where there is one:
  //   unknown-variable   written without a default and not among the recipient's variables
  //   template-error     what can only be seen with the values: a division by 0, ...
  //   template-limit     too many steps or too much text
  //   invalid-value      a value that is not UTF-8, or damaged
  //   message-too-large  values that would add more than 16 MiB
  //   header-too-long    a List-Unsubscribe line above 998 bytes
  //   bad-address, bad-message-id, bad-date
  Result<void> render(const Recipient& recipient, Rendered& out) const;

  // Links that are tracked: render() needs a variable click_variable(i) (tracked.h) for each, and
  // kOpenVariable when opens are.
  const std::vector<std::string>& links() const;
  bool tracks_opens() const;

  // Bytes of a message without the recipient's values, address and id; at most so many.
  std::size_t max_static_size() const;
  // The sender's own addresses hold non-ASCII; Rendered knows about the recipient's too.
  bool needs_smtputf8() const;

 private:
  std::unique_ptr<const Plan> plan_;
};

// Every fault at once, located by field: "subject:1:7", "html:3:14", "headers.X-Note", "from".
std::expected<std::shared_ptr<const Compiled>, Faults> compile(const Spec& spec);

}  // namespace hongyan::message
