#pragma once

#include "base/clock.h"

#include <string>
#include <vector>

namespace hongyan::smtp {

class Delivery;

// Where in the dialogue an answer was given, in protocol order.
enum class Stage : unsigned char {
  kConnect,   // TCP connection
  kGreeting,  // 220
  kEhlo,
  kStartTls,  // command and handshake
  kAuth,
  kMail,
  kRcpt,
  kData,     // DATA's 354, or BDAT before the last
  kContent,  // after end-of-data
};

// A reply as received (RFC 5321 4.2), lines joined by a blank, without the codes.
struct Reply {
  int code = 0;          // 0: none came
  std::string enhanced;  // "5.1.1" (RFC 2034), or empty
  std::string text;      // raw bytes of the peer, bounded
};

// What became of one recipient of one attempt.
enum class Verdict : unsigned char {
  kDelivered,  // 2xx after end-of-data
  kBounced,    // 5xx to this recipient or its message
  kDeferred,   // 4xx to this recipient or its message
  kUntried,    // the connection failed before this delivery could be judged: not an answer to it
  kInDoubt,    // end-of-data may have been sent and the answer will never be known
};

struct RecipientOutcome {
  Verdict verdict = Verdict::kUntried;
  Stage stage = Stage::kConnect;
  Reply reply;  // of the server; for kUntried and kInDoubt what is known of the connection
  std::string
      cause;  // kUntried, kInDoubt: "connect-timeout", "closed-by-peer", "malformed-reply" ...
};

// Absolute stamps, subtracted once for the phases of metrics and log lines.
struct Stamps {
  SteadyTime connect_started{};  // equal for all deliveries of one connection
  SteadyTime ready{};            // greeting, EHLO, TLS and AUTH done
  SteadyTime envelope_sent{};
  SteadyTime content_sent{};
  SteadyTime answered{};
};

struct Settled {
  Delivery* delivery = nullptr;
  std::vector<RecipientOutcome> recipients;  // as many as Delivery::recipients(), same order
  Stamps stamps;
};

}  // namespace hongyan::smtp
