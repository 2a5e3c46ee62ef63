#pragma once

#include "base/secret.h"
#include "dns/resolver.h"
#include "engine/smtp/connection.h"
#include "engine/smtp/tls.h"
#include "mailbox/account/account.h"
#include "mailbox/imap/client.h"
#include "mailbox/imap/trust.h"
#include "mailbox/login/explain.h"
#include "mailbox/office/access_tokens.h"
#include "mailbox/office/login_failure.h"
#include "mailbox/vault/record.h"

#include <expected>
#include <memory>
#include <string>

namespace hongyan::mailbox {

// Who logs in with what. The secret lives as long as the log-in takes.
struct LoginAs {
  std::string user;
  Auth auth = Auth::kPassword;
  const Secret& secret;
  bool always_identify = false;  // IMAP: the provider demands ID and may not offer it
};

// Opens sessions at providers: always over TLS with a verified certificate, one log-in each; a
// second one with another access token, when the first was refused.
//
// Owner: the office; outlives the connections. Thread: the control thread.
class LoginDesk {
 public:
  struct Options {
    std::string ehlo;
    std::string ca_file;  // empty: the system's
    smtp::TimeLimits limits;
  };

  LoginDesk(async::Executor executor, AccessTokens::Tools tools, const login::Explainer& explainer,
            Options options);

  // What to log in with: a password, or an access token. Failures that are no answer of a provider
  // have a code that begins with "vault-".
  async::Task<LoginResult<Secret>> open_secret(Account account);
  AccessTokens& tokens() { return tokens_; }

  // Of a bound mailbox. An access token that is refused is replaced once.
  async::Task<LoginResult<std::unique_ptr<smtp::Connection>>> open_smtp(Account account);
  async::Task<LoginResult<std::unique_ptr<imap::Client>>> open_imap(Account account,
                                                                    bool always_identify);

  // Ready for mail.
  async::Task<LoginResult<std::unique_ptr<smtp::Connection>>> open_smtp(Server server, LoginAs as);
  // Logged in.
  async::Task<LoginResult<std::unique_ptr<imap::Client>>> open_imap(Server server, LoginAs as);
  // What went wrong behind the log-in, told likewise.
  static LoginFailure failure_in(const Server& server, const imap::Failure& failure);

 private:
  bool wants_fresh(const Account& account, const LoginFailure& failure) const;

  async::Executor executor_;
  dns::Resolver& resolver_;
  const vault::KeyRing& keys_;
  const login::Explainer& explainer_;
  AccessTokens tokens_;
  Options options_;
  smtp::TlsContexts tls_;
  imap::Trust trust_;
};

}  // namespace hongyan::mailbox
