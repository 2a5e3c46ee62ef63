#pragma once

#include "base/error.h"
#include "engine/smtp/options.h"
#include "engine/smtp/outcome.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hongyan::smtp {

// One message by hand: what `hongyan deliver` does.
struct DeliverRequest {
  std::string host;  // an address in digits, or "localhost"
  std::uint16_t port = 25;
  std::string source;  // local address in digits; empty: any
  std::string proxy;   // "ip:port", which connects from `source`; empty: none
  std::string sender;
  std::vector<std::string> recipients;
  std::string content;  // see normalise_content()
  std::string ca_file;  // empty: the system's roots
  SessionOptions options;
};

// A file as SMTP wants it: every line ended by CRLF, whatever ended it before. Lines of more than
// 998 bytes are refused with their number (RFC 5321 4.5.3.1.6). Lines that begin with a dot stay as
// they are: the session doubles those dots on the way into DATA, and BDAT needs none.
Result<std::string> normalise_content(std::string_view raw);

// The outcome of every recipient, in order. A connection that cannot be opened is kUntried for all.
// An Error means that the request itself makes no sense. Blocks until done.
Result<std::vector<RecipientOutcome>> deliver(const DeliverRequest& request);

}  // namespace hongyan::smtp
