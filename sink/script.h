#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hongyan::sink {

// Where in a conversation something happens, in protocol order.
enum class Stage : unsigned char { kBanner, kHelo, kMail, kRcpt, kData, kContent, kQuit };

enum class Deed : unsigned char {
  kReply,    // answers `code`; a 421 closes after it
  kDrop,     // closes without an answer; nothing is kept
  kLost,     // keeps the message and closes without an answer: the sender is in doubt
  kStall,    // never answers and reads on, until the peer goes
  kGarble,   // answers something that is no SMTP reply
  kEndless,  // answers with a line that does not end
};

// One misbehaviour. The same words say it in a recipient's local part and in a profile:
//
//   bounce[-CODE[-X.Y.Z]]        refuses RCPT, 550 5.1.1 when not said otherwise
//   defer[-CODE[-X.Y.Z]]         refuses RCPT for now, 451 4.7.1 when not said otherwise
//   content[-CODE[-X.Y.Z]]       answers this after end-of-data, 554 5.7.1 when not said otherwise
//   refuse-STAGE[-CODE[-X.Y.Z]]  answers this at any stage, 554 5.7.1 when not said otherwise
//   drop|stall|garble|endless-STAGE
//   lost-content
//
// STAGE is banner, helo, mail, rcpt, data, content or quit. A last part `-N` limits it to the
// first N times; after that the recipient is accepted.
struct Script {
  Deed deed = Deed::kReply;
  Stage stage = Stage::kRcpt;
  int code = 0;
  std::string enhanced;     // "5.1.1"
  std::uint32_t times = 0;  // 0: always

  friend bool operator==(const Script&, const Script&) = default;
};

// Nothing when `text` is no script.
std::optional<Script> parse_script(std::string_view text);

// The script that an address asks for: its local part up to the first '+', which starts a suffix
// that makes the address unique.
std::optional<Script> script_of_address(std::string_view address);

// "550 5.1.1 <who> ..." with a sentence that fits the code; `enhanced_codes` false leaves them out.
std::string reply_line(const Script& script, std::string_view who, bool enhanced_codes);

}  // namespace hongyan::sink
