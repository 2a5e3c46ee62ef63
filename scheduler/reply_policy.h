#pragma once

#include "base/clock.h"

// The one place that decides what follows from a failure. Nobody else interprets a reply code.
//
// A reply's words are read by engine/answer, whose rules are data; what they come to (a Refusal) is
// applied here, within what the dialogue allows:
//
// clang-format off
// | what happened                          | outcome       | evidence     | lane                            |
// |----------------------------------------|---------------|--------------|---------------------------------|
// | 2xx after end-of-data                  | delivered     | accepted     | -                               |
// | lost after end-of-data                 | in doubt      | -            | fewer connections               |
// | refused, RCPT or later                 | the refusal's | the refusal's when bounced | the refusal's      |
// | refused, MAIL                          | the refusal's | -            | the refusal's, 4xx at least slow |
// | refused before MAIL                    | deferred      | -            | the refusal's, else 5xx: pause 30 min, 4xx: fewer connections |
// | 421 from MAIL on                       | the refusal's | -            | the refusal's, at least slow    |
// | connection failed, timed out, nonsense | deferred      | -            | fewer connections               |
// | NXDOMAIN, null MX, no address          | bounced       | bad domain   | -                               |
// | SERVFAIL, DNS time-out                 | deferred      | -            | -                               |
// | only addresses that we may not connect to | bounced    | -            | -                               |
// clang-format on
//
// A reply before RCPT cannot judge a recipient, so it is never evidence against one.
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
  int code = 0;  // 0: no reply
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

// What the words of a 4xx or 5xx reply come to.
struct Refusal {
  bool bounced = false;                 // otherwise it may pass
  Evidence evidence = Evidence::kNone;  // counts when bounced
  LaneReaction lane;
};

// `refusal`: of the reply, when there is one with 4xx or 5xx.
Ruling judge(const Answer& answer, const Refusal& refusal);
Ruling judge(DnsFailure failure);

}  // namespace hongyan::scheduler
