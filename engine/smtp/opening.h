#pragma once

#include "engine/smtp/capabilities.h"
#include "engine/smtp/options.h"
#include "engine/smtp/outcome.h"
#include "engine/smtp/reply_parser.h"

#include <string>
#include <string_view>

namespace hongyan::smtp {

// Why a connection could not be made ready for mail. `cause` is for programs: "connect-refused",
// "connect-timeout", "unreachable", "bind-failed", "proxy-unreachable", "proxy-silent" (it took the
// connection, and ended it or waited before any byte came from the receiver), "timeout",
// "closed-by-peer", "refused" (by a reply), "malformed-reply", "unexpected-reply",
// "tls-not-offered", "tls-refused", "tls-handshake", "tls-unverified", "starttls-injection",
// "auth-needs-tls", "auth-not-offered", "auth-refused", "cancelled". `detail` is for people; of a
// refused token it is what the server says of it (RFC 7628 3.2.2, JSON), raw and at most 1 KiB. No
// secret is in it.
struct OpenFailure {
  Stage stage = Stage::kConnect;
  Reply reply;  // code 0: none came
  std::string cause;
  std::string detail;
  CertificateFault certificate = CertificateFault::kNone;
};

// The dialogue from the greeting until mail may be sent: EHLO (or HELO), STARTTLS, EHLO again,
// AUTH.
//
//   phase     waits for             goes on to
//   handshake on_tls()              greeting, when TLS begins with the first byte (RFC 8314 3.3)
//   greeting  220                   ehlo
//   ehlo      250, 5xx              starttls, auth or ready; helo after 5xx
//   helo      250                   ready
//   starttls  220                   handshake; in clear when only opportunistic and refused
//   handshake on_tls()              ehlo, knowing nothing of what was said before
//   auth      235, 334s             ready; the message in a line of its own after the first 334,
//                                   when it is too long for the command or of several parts
//
// Opens no socket, reads no clock. Whatever the server says out of turn is a failure, for it would
// be taken for the answer to the next command; behind the 220 to STARTTLS it is an attack.
class Opening {
 public:
  enum class Action : unsigned char {
    kRead,      // wait for bytes, at most time_limit() per answer, then on_bytes()
    kWrite,     // write output(), then read
    kStartTls,  // shake hands, then on_tls()
    kReady,     // capabilities() hold
    kFailed,    // failure() tells why; close
  };

  explicit Opening(const SessionOptions& options) : options_(options) {}

  Action start();
  Action on_bytes(std::string_view bytes);
  Action on_tls();
  Action on_failure(std::string_view cause, std::string_view detail = {},
                    CertificateFault certificate = CertificateFault::kNone);

  std::string_view output() const { return output_; }
  Millis time_limit() const;
  Stage stage() const;
  const Capabilities& capabilities() const { return capabilities_; }
  const OpenFailure& failure() const { return failure_; }

 private:
  enum class Phase : unsigned char {
    kGreeting,
    kEhlo,
    kHelo,
    kStartTls,
    kHandshake,
    kAuth,
    kAuthMessage,  // said: what the mechanism wants, whole
    kAuthUser,     // said by LOGIN, in turn
    kAuthPassword,
    kAuthHeard,  // said: that we have read why the token is refused
    kReady,
    kFailed
  };

  Action on_reply();
  Action after_ehlo();
  Action authenticate();
  Action authenticate_with(std::string_view mechanism, std::string message);
  Action on_auth_challenge();
  Action say(Phase phase, std::string_view command, std::string_view masked = {});
  Action refused(std::string_view cause);
  Action become(Phase phase, Action action);

  const SessionOptions& options_;
  ReplyParser parser_;
  Capabilities capabilities_;
  OpenFailure failure_;
  std::string output_;
  std::string message_;  // of the mechanism, in base64, to be sent after a 334; empty: none
  Phase phase_ = Phase::kGreeting;
  bool tls_active_ = false;
  bool tls_refused_ = false;
};

// Shows a reply line by line, as it was on the wire.
void trace_reply(Trace& trace, int code, std::string_view lines);

}  // namespace hongyan::smtp
