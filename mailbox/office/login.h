#pragma once

#include "base/secret.h"
#include "dns/resolver.h"
#include "engine/smtp/connection.h"
#include "engine/smtp/tls.h"
#include "mailbox/account/account.h"
#include "mailbox/imap/client.h"
#include "mailbox/imap/trust.h"
#include "mailbox/login/explain.h"
#include "mailbox/vault/record.h"

#include <expected>
#include <memory>
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

  std::string said() const;      // "535 Error: authentication failed"
  std::string sentence() const;  // "smtp smtp.163.com: 535 Error: authentication failed"
};

template <class T = void>
using LoginResult = std::expected<T, LoginFailure>;

// Who logs in with what. The secret lives as long as the log-in takes.
struct LoginAs {
  std::string user;
  Auth auth = Auth::kPassword;
  const Secret& secret;
  bool always_identify = false;  // IMAP: the provider demands ID and may not offer it
};

// Opens sessions at providers: always over TLS with a verified certificate, one log-in each.
//
// Owner: the office; outlives the connections. Thread: the control thread.
class LoginDesk {
 public:
  struct Options {
    std::string ehlo;
    std::string ca_file;  // empty: the system's
    smtp::TimeLimits limits;
  };

  LoginDesk(async::Executor executor, dns::Resolver& resolver, const vault::KeyRing& keys,
            Options options);

  // Errors: those of vault::open_record().
  Result<Secret> open_secret(const Account& account) const;

  // Ready for mail.
  async::Task<LoginResult<std::unique_ptr<smtp::Connection>>> open_smtp(Server server, LoginAs as);
  // Logged in.
  async::Task<LoginResult<std::unique_ptr<imap::Client>>> open_imap(Server server, LoginAs as);
  // What went wrong behind the log-in, told likewise.
  static LoginFailure failure_in(const Server& server, const imap::Failure& failure);

 private:
  async::Executor executor_;
  dns::Resolver& resolver_;
  const vault::KeyRing& keys_;
  Options options_;
  smtp::TlsContexts tls_;
  imap::Trust trust_;
};

}  // namespace hongyan::mailbox
