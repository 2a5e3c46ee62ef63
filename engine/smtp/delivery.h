#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace hongyan::smtp {

// One message on its way to one receiver host, as a connection sees it.
//
// Owner: the feed; the connection holds the pointer from next() until it has been settled.
class Delivery {
 public:
  virtual ~Delivery() = default;
  virtual std::string_view sender() const = 0;                  // RFC 5321 reverse-path, no <>
  virtual std::span<const std::string> recipients() const = 0;  // bulk: exactly one
  virtual bool needs_smtputf8() const = 0;
  // Upper bound of the content, for SIZE.
  virtual std::size_t size() const = 0;
  // The content as pieces to be written in turn: CRLF lines, at most 998 bytes, the last one ended.
  // No line begins with a dot, so that it goes unchanged through DATA and BDAT (but see
  // has_leading_dots). Called once, when leave to send was given; valid until the delivery is
  // settled. Pieces may be shared with other deliveries.
  virtual std::span<const std::string_view> content() = 0;
  // True for content that nobody freed of lines beginning with a dot (a file given by hand). The
  // session then looks at every line and doubles those dots, for DATA only (RFC 5321 4.5.2).
  virtual bool has_leading_dots() const { return false; }
};

}  // namespace hongyan::smtp
