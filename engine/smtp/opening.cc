#include "engine/smtp/opening.h"

#include "base/base64.h"
#include "base/sasl.h"

#include <utility>

namespace hongyan::smtp {
namespace {

constexpr std::size_t kLongestCommand = 512;  // RFC 5321 4.5.3.1.4, with CRLF; RFC 4954 4: AUTH too
constexpr std::size_t kMostDetail = 1024;

}  // namespace

void trace_reply(Trace& trace, int code, std::string_view lines) {
  std::string shown;
  for (;;) {
    const std::size_t newline = lines.find('\n');
    shown = std::to_string(code);
    shown += newline == std::string_view::npos ? ' ' : '-';
    shown += lines.substr(0, newline);
    trace.received(shown);
    if (newline == std::string_view::npos) return;
    lines.remove_prefix(newline + 1);
  }
}

Opening::Action Opening::start() {
  return options_.implicit_tls ? become(Phase::kHandshake, Action::kStartTls) : Action::kRead;
}

Opening::Action Opening::on_bytes(std::string_view bytes) {
  switch (parser_.parse(bytes)) {
    case ReplyParser::Status::kNeedMore:
      return Action::kRead;
    case ReplyParser::Status::kMalformed:
      return on_failure("malformed-reply", parser_.fault());
    case ReplyParser::Status::kReply:
      break;
  }
  if (options_.trace != nullptr) trace_reply(*options_.trace, parser_.code(), parser_.lines());
  if (bytes.empty()) return on_reply();
  if (phase_ == Phase::kStartTls)
    return on_failure("starttls-injection", "bytes behind the answer to STARTTLS, before TLS");
  if (parser_.parse(bytes) == ReplyParser::Status::kReply && parser_.code() == 421) {
    if (options_.trace != nullptr) trace_reply(*options_.trace, parser_.code(), parser_.lines());
    return refused("refused");
  }
  return on_failure("unexpected-reply", "the server spoke before it was asked");
}

Opening::Action Opening::on_reply() {
  const int code = parser_.code();
  const int kind = code / 100;
  if (code == 421) return refused("refused");
  switch (phase_) {
    case Phase::kGreeting:
      return code == 220 ? say(Phase::kEhlo, "EHLO " + options_.ehlo_name) : refused("refused");
    case Phase::kEhlo:
      if (kind == 5) return say(Phase::kHelo, "HELO " + options_.ehlo_name);
      if (kind != 2) return refused("refused");
      capabilities_ = parse_ehlo(parser_.lines());
      return after_ehlo();
    case Phase::kHelo:
      if (kind != 2) return refused("refused");
      capabilities_ = {};
      return after_ehlo();
    case Phase::kStartTls:
      if (code == 220) return become(Phase::kHandshake, Action::kStartTls);
      if (options_.tls != TlsMode::kOpportunistic) return refused("tls-refused");
      tls_refused_ = true;
      return after_ehlo();
    case Phase::kAuth:
    case Phase::kAuthMessage:
    case Phase::kAuthUser:
      if (code == 334) return on_auth_challenge();
      break;
    case Phase::kAuthPassword:
      break;
    case Phase::kAuthHeard:
      return refused("auth-refused");  // whatever it says now
    case Phase::kHandshake:
    case Phase::kReady:
    case Phase::kFailed:
      return on_failure("unexpected-reply");
  }
  return code == 235 ? become(Phase::kReady, Action::kReady) : refused("auth-refused");
}

Opening::Action Opening::after_ehlo() {
  const bool tls_wanted = options_.tls != TlsMode::kOff && !tls_active_ && !tls_refused_;
  if (tls_wanted && capabilities_.starttls) return say(Phase::kStartTls, "STARTTLS");
  if (tls_wanted && options_.tls != TlsMode::kOpportunistic) {
    phase_ = Phase::kStartTls;
    return on_failure("tls-not-offered", "the server does not offer STARTTLS");
  }
  if (options_.auth) return authenticate();
  return become(Phase::kReady, Action::kReady);
}

Opening::Action Opening::authenticate() {
  phase_ = Phase::kAuth;
  if (!tls_active_) return on_failure("auth-needs-tls", "a password is never sent without TLS");
  const Credentials& auth = *options_.auth;
  if (!sasl::is_clean(auth.user) || !sasl::is_clean(auth.password))
    return on_failure("auth-not-offered", "user or secret hold bytes that none has");
  if (auth.token) {
    if (capabilities_.auth_oauthbearer)
      return authenticate_with("OAUTHBEARER",
                               sasl::oauthbearer(auth.user, auth.password, auth.host, auth.port));
    if (capabilities_.auth_xoauth2)
      return authenticate_with("XOAUTH2", sasl::xoauth2(auth.user, auth.password));
    return on_failure("auth-not-offered", "the server offers neither AUTH OAUTHBEARER nor XOAUTH2");
  }
  if (capabilities_.auth_plain)
    return authenticate_with("PLAIN", sasl::plain(auth.user, auth.password));
  if (capabilities_.auth_login) return say(Phase::kAuth, "AUTH LOGIN");
  return on_failure("auth-not-offered", "the server offers neither AUTH PLAIN nor LOGIN");
}

Opening::Action Opening::authenticate_with(std::string_view mechanism, std::string message) {
  const std::string command = "AUTH " + std::string(mechanism);
  const std::string encoded = encode_base64(message);
  if (command.size() + 1 + encoded.size() + 2 <= kLongestCommand)
    return say(Phase::kAuthMessage, command + ' ' + encoded, command + " (masked)");
  message_ = encoded;
  return say(Phase::kAuth, command);
}

Opening::Action Opening::on_auth_challenge() {
  const Credentials& auth = *options_.auth;
  if (phase_ == Phase::kAuthUser)
    return say(Phase::kAuthPassword, encode_base64(auth.password), "(password)");
  if (phase_ == Phase::kAuth) {
    if (message_.empty()) return say(Phase::kAuthUser, encode_base64(auth.user), "(user name)");
    return say(Phase::kAuthMessage, std::exchange(message_, {}), "(masked)");
  }
  if (!auth.token) return refused("auth-refused");
  // The token is refused, and the server says why before it says no.
  const std::string why = decode_base64(parser_.lines()).value_or("");
  if (!why.contains(auth.password)) failure_.detail = why.substr(0, kMostDetail);
  const auto heard = capabilities_.auth_oauthbearer ? sasl::kOauthbearerHeard : sasl::kXoauth2Heard;
  return say(Phase::kAuthHeard, heard, "(heard)");
}

Opening::Action Opening::on_tls() {
  // RFC 3207 4.2: what was learnt in clear may have been put there by somebody else.
  tls_active_ = true;
  parser_.reset();
  capabilities_ = {};
  if (options_.implicit_tls) return become(Phase::kGreeting, Action::kRead);
  return say(Phase::kEhlo, "EHLO " + options_.ehlo_name);
}

Opening::Action Opening::on_failure(std::string_view cause, std::string_view detail,
                                    CertificateFault certificate) {
  failure_.stage = stage();
  failure_.cause = cause;
  if (!detail.empty()) failure_.detail = detail;
  failure_.certificate = certificate;
  phase_ = Phase::kFailed;
  return Action::kFailed;
}

Opening::Action Opening::refused(std::string_view cause) {
  parser_.copy_to(failure_.reply);
  return on_failure(cause);
}

Opening::Action Opening::say(Phase phase, std::string_view command, std::string_view masked) {
  if (options_.trace != nullptr) options_.trace->sent(masked.empty() ? command : masked);
  output_ = command;
  output_ += "\r\n";
  return become(phase, Action::kWrite);
}

Opening::Action Opening::become(Phase phase, Action action) {
  phase_ = phase;
  return action;
}

Millis Opening::time_limit() const {
  const TimeLimits& limits = options_.limits;
  switch (phase_) {
    case Phase::kGreeting:
      return limits.greeting;
    case Phase::kHandshake:
      return limits.tls;
    case Phase::kAuth:
    case Phase::kAuthMessage:
    case Phase::kAuthUser:
    case Phase::kAuthPassword:
    case Phase::kAuthHeard:
      return limits.auth;
    default:
      return limits.ehlo;
  }
}

Stage Opening::stage() const {
  switch (phase_) {
    case Phase::kGreeting:
      return Stage::kGreeting;
    case Phase::kStartTls:
    case Phase::kHandshake:
      return Stage::kStartTls;
    case Phase::kAuth:
    case Phase::kAuthMessage:
    case Phase::kAuthUser:
    case Phase::kAuthPassword:
    case Phase::kAuthHeard:
      return Stage::kAuth;
    default:
      return Stage::kEhlo;
  }
}

}  // namespace hongyan::smtp
