#pragma once

#include "base/clock.h"

#include <string_view>

// The one place that decides what a failure means. Nobody else interprets a reply code.
//
// clang-format off
// | what happened                                    | outcome   | evidence    | lane              |
// |--------------------------------------------------|-----------|-------------|-------------------|
// | 2xx after end-of-data                            | delivered | accepted    | -                 |
// | lost after end-of-data                           | in doubt  | -           | fewer connections |
// | 5xx, x.1.1 x.1.2 x.1.3 x.1.6 x.1.10, RCPT or on  | bounced   | bad mailbox | -                 |
// | 550 551 553 to RCPT, no enhanced code            | bounced   | bad mailbox | -                 |
// | any other 5xx to a message or recipient          | bounced   | -           | -                 |
// | 5xx to the connection, before MAIL               | deferred  | -           | pause 30 min      |
// | 421 or 4xx before MAIL                           | deferred  | -           | fewer connections |
// | 4xx to MAIL, 421 from MAIL on                    | deferred  | -           | slow              |
// | any other 4xx to RCPT, DATA, content             | deferred  | -           | -                 |
// | connection failed, timed out, closed, nonsense   | deferred  | -           | fewer connections |
// | NXDOMAIN, null MX, no address                    | bounced   | bad domain  | -                 |
// | SERVFAIL, DNS time-out                           | deferred  | -           | -                 |
// | only addresses that we may not connect to        | bounced   | -           | -                 |
// clang-format on
//
// A reply before RCPT cannot judge a recipient, so its enhanced code is never evidence against one.
namespace hongyan::scheduler {

// Where the answer was given. Same order as smtp::Stage.
enum class Stage : unsigned char {
  kConnect,   // TCP connection
  kGreeting,  // 220
  kEhlo,      // EHLO or HELO
  kStartTls,  // command and handshake
  kAuth,      // log-in at a relay
  kMail,      // MAIL FROM
  kRcpt,      // RCPT TO
  kData,      // DATA, or BDAT before the last
  kContent,   // after end-of-data
};

// What the session says. Same order as smtp::Verdict.
enum class Verdict : unsigned char {
  kDelivered,  // 2xx after end-of-data
  kBounced,    // 5xx to this recipient or its message
  kDeferred,   // 4xx to this recipient or its message
  kUntried,    // the connection failed before this delivery could be judged
  kInDoubt,    // the answer to end-of-data will never be known
};

enum class DnsFailure : unsigned char {
  kNoSuchDomain,      // NXDOMAIN
  kNullMx,            // RFC 7505: takes no mail
  kNoAddress,         // the name exists; neither MX nor address leads anywhere
  kServerFailure,     // SERVFAIL, REFUSED, malformed answers
  kTimeout,           // no server answered
  kForbiddenAddress,  // every address is in a range that the configuration forbids
};

struct Answer {
  Verdict verdict = Verdict::kUntried;
  Stage stage = Stage::kConnect;
  int code = 0;               // 0: no reply
  std::string_view enhanced;  // "5.1.1" (RFC 2034), or empty
};

enum class Outcome : unsigned char { kDelivered, kBounced, kDeferred, kInDoubt };

// What the breaker learns.
enum class Evidence : unsigned char { kNone, kAccepted, kBadMailbox, kBadDomain };

struct LaneReaction {
  enum class Kind : unsigned char {
    kNone,
    kSlow,              // this rate was too high
    kPause,             // stay away for `pause`
    kFewerConnections,  // these connections were too many, or the way is broken
    kCloseConnection,   // enough messages on this connection
    kNextSource,        // this source is not welcome for `pause`; another one may be
  };
  Kind kind = Kind::kNone;
  Millis pause{0};
  friend bool operator==(const LaneReaction&, const LaneReaction&) = default;
};

struct Ruling {
  Outcome outcome = Outcome::kDeferred;
  Evidence evidence = Evidence::kNone;
  LaneReaction lane;
  bool judged = true;  // false: the answer was to us or the connection, not to this recipient
  friend bool operator==(const Ruling&, const Ruling&) = default;
};

Ruling judge(const Answer& answer);
Ruling judge(DnsFailure failure);

}  // namespace hongyan::scheduler
