#pragma once

#include "mailbox/imap/limits.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace hongyan::imap {

// Cuts responses (RFC 9051 2.2.2) out of whatever arrives: a line, and as long as it ends with the
// announcement of a literal, that many octets and another line.
//
// A line may end with a bare LF. Status responses and continuations end with their first line:
// their text may well end with "{5}". After kMalformed or kTooLarge the stream has no known
// position.
//
// Invariant: memory is bounded by Limits::response, whatever the server sends.
class ResponseReader {
 public:
  enum class Status : unsigned char { kResponse, kNeedMore, kMalformed, kTooLarge };

  explicit ResponseReader(const Limits& limits = {}) : limits_(limits) {}

  // Consumes the front of `input`: up to the end of one response, or all of it.
  Status read(std::string_view& input);
  // The last one, until the next read(): as it came, literals in place, without its line end.
  std::string_view response() const { return response_; }
  // What kMalformed or kTooLarge objected to.
  std::string_view fault() const { return fault_; }
  // A response has begun and has not ended.
  bool in_the_middle() const { return !complete_ && !response_.empty(); }

 private:
  Status end_of_line();
  Status broken(Status status, std::string_view fault);

  Limits limits_;
  std::string response_;
  std::size_t line_ = 0;     // where the present line begins in response_
  std::size_t literal_ = 0;  // octets still to come
  std::size_t text_ = 0;     // bytes of lines so far
  bool complete_ = true;
  std::string_view fault_;
};

// "{12}", "{12+}" or "~{12}" at the end of a line: where it begins and what it says.
struct LiteralMark {
  enum class Kind : unsigned char { kNone, kLiteral, kBroken };
  Kind kind = Kind::kNone;
  std::size_t size = 0;
};
LiteralMark literal_at_end(std::string_view line);

// Does this line belong to a tagged or untagged status response, or ask for more?
bool is_status_line(std::string_view line);

}  // namespace hongyan::imap
