#pragma once

#include "mailbox/catalogue/provider.h"
#include "mailbox/login/rules.h"

#include <expected>
#include <string>

namespace hongyan::mailbox {

// Why a server did not let us in, as it said it; nothing in it holds a secret.
struct LoginFailure {
  login::Protocol protocol = login::Protocol::kSmtp;
  Server server;
  login::Stage stage = login::Stage::kConnect;
  std::string code;  // "535", "NO"; without an answer the cause: "connect-refused"
  std::string text;  // the server's words, fit to be shown; or the cause's detail
  bool answered = false;
  bool token = false;  // the secret was an access token, or is a refresh token

  std::string said() const;      // "535 Error: authentication failed"
  std::string sentence() const;  // "smtp smtp.163.com: 535 Error: authentication failed"
};

template <class T = void>
using LoginResult = std::expected<T, LoginFailure>;

}  // namespace hongyan::mailbox
