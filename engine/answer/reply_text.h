#pragma once

#include <string>
#include <string_view>

namespace hongyan::answer {

// A reply taken out of a line of text: of a log, a bounce message, a console.
struct ReplyLine {
  int code = 0;          // 0: none found
  std::string enhanced;  // "5.1.1", or empty
  std::string text;      // what remains, UTF-8, blanks joined
};

// Finds "CODE [STATUS] text" in it; a multi-line reply may be joined, its codes ("550-5.1.1 ...")
// repeated. Text without any code is given back whole. Any bytes.
ReplyLine parse_reply_line(std::string_view line);

// The first "5.1.1" in a text, also "(#5.1.1)"; empty: none.
std::string_view find_status(std::string_view text);

// UTF-8 as it is, otherwise GB18030 (Chinese receivers write GBK); what is neither becomes '?'.
// Each run of blanks and control characters becomes one space. At most kMostText bytes.
std::string readable(std::string_view bytes);
inline constexpr std::size_t kMostText = 1024;

// Appends what rules are matched against: readable(), an address as "@" (what a mailbox is called
// must not judge it), the receiver's own long numbers and IP addresses as "#" (each would be new to
// the automaton), the code and status that continuation lines repeat left in place.
void append_matchable(std::string_view bytes, std::string& out);

}  // namespace hongyan::answer
