#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

// What servers of SMTP read: the intake of mail that comes back, and the scripted receiver.
namespace hongyan {

// `MAIL FROM:<a@b> SIZE=5` taken apart. Views point into the line.
struct PathCommand {
  std::string_view address;     // without < >; empty for the null sender
  std::string_view parameters;  // what follows, blanks trimmed
};

// `rest` is what follows the verb, `keyword` "FROM:" or "TO:". Nothing when malformed.
std::optional<PathCommand> parse_path(std::string_view rest, std::string_view keyword);

// Cuts the next blank-separated word off.
std::string_view next_word(std::string_view& text);

std::optional<std::uint64_t> parse_number(std::string_view text);

// What follows DATA: finds the end and takes the dots away (RFC 5321 4.5.2).
//
// Only <CRLF>.<CRLF> ends content; a bare LF around the dot is content (4.1.1.4), or a second
// message could be hidden in the first.
class DotReader {
 public:
  void restart() { *this = {}; }
  // The next piece of content off the front of `input`. Empty: all is read (done), or `input` has
  // to be given again with more behind it.
  std::string_view take(std::string_view& input);
  bool done() const { return done_; }

 private:
  bool at_line_start_ = true;
  bool done_ = false;
};

}  // namespace hongyan
