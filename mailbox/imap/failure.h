#pragma once

#include "mailbox/imap/response.h"

#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace hongyan::imap {

// What was being done when it went wrong, in the order of a connection's life.
enum class Stage : unsigned char {
  kConnect,
  kTls,
  kGreeting,
  kStartTls,
  kCapability,
  kLogin,
  kId,
  kList,
  kSelect,
  kFetch,
  kIdle,
  kNoop,
  kAppend,
  kLogout,
};
std::string_view stage_name(Stage stage);  // "connect"

// Why something could not be done; nothing in it holds a secret.
//
// `cause` is for programs and lives forever:
//   refused, rejected                    the server said NO, or BAD
//   connect-refused, connect-timeout, unreachable
//   timeout, closed-by-peer, reset-by-peer, io-error, cancelled
//   bye                                  the server ended the session, in words
//   tls-handshake, tls-unverified        the latter: the certificate is not good
//   starttls-not-offered, starttls-injection, preauthenticated
//   malformed, too-large                 what it said breaks the protocol, or its bounds
//   login-not-offered                    it takes no kind of log-in that the secret is for
//   login-spent                          a second log-in over one connection
//   uidvalidity-changed                  all UIDs known of the folder are void
//   not-open                             the connection is gone, or was never there
struct Failure {
  Stage stage = Stage::kConnect;
  std::string_view cause;
  std::optional<Status> status{};  // of the server's answer; nothing: it gave none
  std::string code{};              // "AUTHENTICATIONFAILED"; empty: none
  std::string text{};              // the server's words; UTF-8, at most 1,000 bytes
  std::string challenge{};         // what XOAUTH2 and OAUTHBEARER say of a token: JSON
  std::string detail{};            // for people: what, where, what would be right

  // False: only this command failed; another may follow.
  bool ends_connection() const { return cause != "refused" && cause != "rejected"; }
  // "select: NO [code] text", for a log.
  std::string sentence() const;
};

template <class T = void>
using Outcome = std::expected<T, Failure>;

}  // namespace hongyan::imap
