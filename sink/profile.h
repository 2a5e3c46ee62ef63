#pragma once

#include "base/clock.h"
#include "base/fault.h"
#include "sink/script.h"

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hongyan::sink {

// A share of recipients (or of connections) that meet a script.
struct Share {
  Script script;
  double part = 0;  // 0..1
};

struct DomainRule {
  std::string domain;  // lower case; "*.example" takes its subdomains too
  Script script;
};

// 0 means no limit. They hold per listener: a listener plays one provider that sees one sender.
struct Limits {
  std::uint32_t connections = 0;              // more at once are answered 421 and closed
  std::uint32_t messages_per_connection = 0;  // the next MAIL is answered 421 and closed
  std::uint32_t recipients_per_message = 0;   // the next RCPT is answered 452
  double messages_per_second = 0;             // MAIL beyond it is answered 450
  double burst = 1;
  std::uint64_t message_bytes = 50 * 1024 * 1024;
};

// What EHLO offers.
struct Offers {
  bool pipelining = true;
  bool size = true;
  bool eight_bit = true;
  bool utf8 = true;
  bool enhanced_codes = true;
  bool starttls = true;
  bool chunking = true;
  bool auth = true;
};

// How one listener behaves. Which recipient meets which share is drawn from (seed, address), so a
// run repeats itself whatever the order and the number of connections.
struct Profile {
  std::uint64_t seed = 1;
  std::string host = "sink.hongyan.test";
  std::string banner;               // the text after "220 "; empty: one with the host's name
  std::string style = "plain";      // whose manner the refusals of limits have: see style_names()
  Millis latency{0};                // before each reply: a round trip
  std::vector<Share> recipients;    // scripts by share of addresses
  std::vector<Share> connections;   // scripts by share of connections, any stage
  std::vector<DomainRule> domains;  // before shares; an address' own script comes before both
  Limits limits;
  Offers offers;
  std::string user;  // set: MAIL needs AUTH with exactly these
  std::string password;

  std::optional<Script> script_for(std::string_view recipient) const;
  std::optional<Script> script_for_connection(std::uint64_t number) const;
};

// The wordings of a limit's refusal, in the manner of one receiver.
struct Style {
  std::string_view name;
  std::string_view too_many_connections;
  std::string_view too_many_messages;
  std::string_view too_many_recipients;
  std::string_view too_fast;
};
const Style& style_of(std::string_view name);  // "plain" when there is none of that name
std::vector<std::string> style_names();

}  // namespace hongyan::sink
