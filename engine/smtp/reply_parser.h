#pragma once

#include "engine/smtp/outcome.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace hongyan::smtp {

// Reads replies (RFC 5321 4.2) out of whatever arrives: read once, parse many.
//
// Lines may end with a bare LF; the text is kept as sent. After kMalformed the stream has no known
// position any more: the connection is of no further use.
//
// Invariant: memory is bounded by kMaxLine + kMaxText, whatever the peer sends.
class ReplyParser {
 public:
  static constexpr std::size_t kMaxLine = 2048;  // with its end; RFC 5321 asks for 512
  static constexpr int kMaxLines = 100;
  static constexpr std::size_t kMaxText = 8192;  // of a whole reply; the rest is dropped

  enum class Status : unsigned char { kReply, kNeedMore, kMalformed };

  // Consumes the front of `input`: up to the end of one reply, or all of it.
  Status parse(std::string_view& input);

  // Of the last kReply, until the next parse().
  int code() const { return code_; }
  // Lines without code and separator, separated by \n.
  std::string_view lines() const { return text_; }
  // As outcomes keep it: lines joined by blanks, enhanced code apart, at most 1,024 bytes.
  void copy_to(Reply& reply) const;

  // What kMalformed objected to.
  std::string_view fault() const { return fault_; }
  // A reply has begun and has not ended.
  bool in_the_middle() const { return !line_.empty() || lines_ > 0; }
  void reset();

 private:
  Status take_line(std::string_view line);
  Status malformed(std::string_view fault);

  std::string line_;  // the beginning of a line whose end has not come
  std::string text_;
  std::string_view fault_;
  int code_ = 0;
  int lines_ = 0;  // of the reply being read; 0 between replies
};

// Length of an enhanced status code (RFC 2034: class.subject.detail) at the front of `line` whose
// class fits `code`, or 0.
std::size_t enhanced_code_length(std::string_view line, int code);

}  // namespace hongyan::smtp
