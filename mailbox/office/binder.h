#pragma once

#include "base/bilingual.h"
#include "base/json.h"
#include "mailbox/catalogue/recognise.h"
#include "mailbox/login/explain.h"
#include "mailbox/office/login.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace hongyan::mailbox {

// What trying one server came to.
struct LoginTrial {
  enum class Result : unsigned char { kIn, kFailed, kNotTried };
  login::Protocol protocol = login::Protocol::kImap;
  Server server;
  Result result = Result::kNotTried;
  std::string said;  // by the server, or why it was not tried
};

// What binding or verifying a mailbox came to.
struct BindReport {
  bool fine = false;
  std::string status;   // of the mailbox afterwards, as status_name() has it
  std::string refusal;  // why nothing was tried; empty: it was
  Bilingual warning;    // about the form of the secret
  std::vector<LoginTrial> trials;
  std::optional<login::Verdict> verdict;  // of the failure that decided
  ServerPair servers;                     // that let us in

  Json json() const;
};

// What to log in with, where.
struct Credentials {
  const Provider* provider = nullptr;  // null: unknown
  std::vector<Candidate> candidates;   // pairs of servers, in order
  std::string imap_user, smtp_user;
  Auth auth = Auth::kPassword;
  const Secret& secret;
  bool worked = false;  // the mailbox has worked before
};

// Finds out whether a mailbox can be used: IMAP and SMTP each, at most one try of a protocol at a
// server, and never a second one with a secret that was refused.
//
// Owner: the office. Thread: the control thread.
class Binder {
 public:
  Binder(LoginDesk& logins, const login::Explainer& explainer)
      : logins_(logins), explainer_(explainer) {}

  async::Task<BindReport> try_logins(Credentials with);
  login::Verdict explain(const LoginFailure& failure, const Provider* provider, bool worked) const;

 private:
  enum class Next : unsigned char { kGoOn, kNextPair, kStop };
  using Tried = std::map<std::pair<login::Protocol, std::string>, std::optional<LoginFailure>>;
  async::Task<std::optional<LoginFailure>> try_one(login::Protocol protocol, Server server,
                                                   const Credentials& with);
  // What a server said already is not asked again: pairs may share one.
  async::Task<std::optional<LoginFailure>> try_once(login::Protocol protocol, Server server,
                                                    const Credentials& with, Tried& tried,
                                                    BindReport& report);
  Next judge(const LoginFailure& failure, const Credentials& with, BindReport& report) const;

  LoginDesk& logins_;
  const login::Explainer& explainer_;
};

}  // namespace hongyan::mailbox
