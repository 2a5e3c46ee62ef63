#include "mailbox/imap/login.h"

#include "base/base64.h"
#include "base/sasl.h"

#include <algorithm>

namespace hongyan::imap {
namespace {

bool is_ascii_line(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

std::unexpected<Failure> not_offered(std::string detail) {
  Failure failure{.stage = Stage::kLogin, .cause = "login-not-offered"};
  failure.detail = std::move(detail);
  return std::unexpected(std::move(failure));
}

// The message goes with the command where the server lets it (RFC 4959).
Command authenticate(std::string_view mechanism, std::string_view message,
                     const Capabilities& server) {
  const std::string encoded = encode_base64(message);
  Command command{.stage = Stage::kLogin};
  std::string first = "AUTHENTICATE " + std::string(mechanism);
  if (server.has("SASL-IR")) {
    command.parts = {first + ' ' + encoded + "\r\n"};
  } else {
    command.parts = {first + "\r\n", encoded + "\r\n"};
  }
  command.secrets.push_back(encoded);
  return command;
}

Command password_login(const Login& login, const Capabilities& server) {
  const std::string message = sasl::plain(login.user, login.secret);
  // LOGIN is what every server has and has been tried with; it takes ASCII only.
  const bool plain =
      server.has("LOGINDISABLED") ||
      (server.has("AUTH=PLAIN") && !(is_ascii_line(login.user) && is_ascii_line(login.secret)));
  if (!plain) {
    Command command{.stage = Stage::kLogin};
    command.parts = CommandWriter(server, "LOGIN").string(login.user).string(login.secret).parts();
    command.secrets.push_back(encode_base64(message));
    return command;
  }
  Command command = authenticate("PLAIN", message, server);
  command.no_thanks = "*\r\n";
  return command;
}

Command token_login(const Login& login, const Capabilities& server, std::string_view host,
                    std::uint16_t port) {
  if (!server.has("AUTH=OAUTHBEARER")) {
    Command command = authenticate("XOAUTH2", sasl::xoauth2(login.user, login.secret), server);
    command.no_thanks = std::string(sasl::kXoauth2Heard) + "\r\n";
    return command;
  }
  Command command =
      authenticate("OAUTHBEARER", sasl::oauthbearer(login.user, login.secret, host, port), server);
  command.no_thanks = std::string(sasl::kOauthbearerHeard) + "\r\n";
  return command;
}

}  // namespace

Outcome<Command> login_command(const Login& login, const Capabilities& server,
                               std::string_view host, std::uint16_t port) {
  if (!sasl::is_clean(login.user) || !sasl::is_clean(login.secret) || login.secret.empty())
    return not_offered("the secret is empty, or user or secret hold bytes that none has");
  Command command;
  if (login.kind == Login::Kind::kPassword) {
    if (server.has("LOGINDISABLED") && !server.has("AUTH=PLAIN"))
      return not_offered("the server takes no passwords; it wants OAuth2");
    command = password_login(login, server);
  } else {
    if (!server.has("AUTH=XOAUTH2") && !server.has("AUTH=OAUTHBEARER"))
      return not_offered("the server takes no OAuth2 tokens; it wants a password");
    command = token_login(login, server, host, port);
  }
  command.secrets.push_back(login.secret);
  command.secrets.push_back(encode_base64(login.secret));
  return command;
}

}  // namespace hongyan::imap
