#pragma once

#include "mailbox/imap/command.h"
#include "mailbox/imap/failure.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace hongyan::imap {

// Who logs in, and by what.
struct Login {
  enum class Kind : unsigned char {
    kPassword,  // or an authorization code: LOGIN, or AUTHENTICATE PLAIN where that is all there is
    kToken,     // an OAuth2 access token: OAUTHBEARER (RFC 7628), or XOAUTH2 where that is all
  };
  Kind kind = Kind::kPassword;
  std::string user;
  std::string secret;
};

// The one command that logs in; it is for TLS only. `host` and `port` are what OAUTHBEARER names.
// Errors: login-not-offered.
Outcome<Command> login_command(const Login& login, const Capabilities& server,
                               std::string_view host, std::uint16_t port);

}  // namespace hongyan::imap
