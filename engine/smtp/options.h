#pragma once

#include "base/clock.h"
#include "base/tlsa.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hongyan::smtp {

enum class TlsMode : unsigned char {
  kOff,            // never STARTTLS
  kOpportunistic,  // STARTTLS when offered, any certificate; in clear when it fails (RFC 7435)
  kRequired,       // TLS or nothing, any certificate
  kVerified,       // TLS with a certificate that chains to a known root and bears the host name
};

// "off", "opportunistic", "required", "verified".
std::optional<TlsMode> parse_tls_mode(std::string_view word);

// What is wrong with a certificate. kNone: nothing, or it was not looked at.
enum class CertificateFault : unsigned char {
  kNone,
  kName,       // it bears other names
  kExpired,    // or is not valid yet
  kUntrusted,  // no chain to a root we know, and whatever else breaks a chain
  kTlsa,       // none of the TLSA records matches
};

// For relays and users' mailboxes; sent over TLS only.
struct Credentials {
  std::string user;
  std::string password;  // PLAIN, or LOGIN where that is all there is
  // The password is an OAuth2 access token: OAUTHBEARER, or XOAUTH2 where that is all there is.
  bool token = false;
  // Where we connect, for OAUTHBEARER; empty: not named.
  std::string host{};
  std::uint16_t port = 0;
};

// The port on which every server expects TLS from the first byte (RFC 8314 7.3).
inline constexpr int kImplicitTlsPort = 465;

// How long an answer may take: RFC 5321 4.5.3.2, except where it gives none.
struct TimeLimits {
  Millis connect{30'000};
  Millis greeting{300'000};
  Millis ehlo{300'000};
  Millis tls{60'000};
  Millis auth{300'000};
  Millis mail{300'000};
  Millis rcpt{300'000};
  Millis data{120'000};
  Millis block{180'000};  // for each 64 KiB written
  Millis end_of_data{600'000};
  Millis quit{5'000};  // nothing depends on the answer, so it is not awaited for five minutes
};

// Who wants to see the dialogue. Lines come without CRLF and unescaped; secrets are masked already.
class Trace {
 public:
  virtual ~Trace() = default;
  virtual void sent(std::string_view line) = 0;
  virtual void received(std::string_view line) = 0;
  virtual void note(std::string_view what) = 0;  // connected, TLS established, closed
};

struct SessionOptions {
  std::string ehlo_name;
  TlsMode tls = TlsMode::kOpportunistic;
  // DANE (RFC 7672), with kVerified: the chain is compared with these, no root of any CA counts,
  // and the host name is the one they were found under.
  std::vector<TlsaRecord> tlsa;
  // With kOpportunistic and kRequired: the certificate is judged, and taken whatever it is
  // (Connection::tls_trouble).
  bool judge_certificate = false;
  bool implicit_tls = false;  // from the first byte, no STARTTLS; with kRequired or kVerified only
  std::optional<Credentials> auth;
  int messages_limit = 0;  // transactions before QUIT; 0: none
  bool use_chunking = true;
  TimeLimits limits;
  Trace* trace = nullptr;
};

}  // namespace hongyan::smtp
