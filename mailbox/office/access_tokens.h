#pragma once

#include "base/async/event.h"
#include "base/http/client.h"
#include "dns/resolver.h"
#include "engine/config/config.h"
#include "mailbox/account/account.h"
#include "mailbox/oauth/sign_in.h"
#include "mailbox/oauth/token_answer.h"
#include "mailbox/office/login_failure.h"
#include "mailbox/vault/key_ring.h"
#include "store/vault_store.h"

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

namespace hongyan::mailbox {

// Access tokens of bound mailboxes. What is bound is a refresh token, sealed; an access token is
// asked for at the provider's token endpoint when it is needed, kept in memory only, and replaced a
// minute before it ends or when a server refuses it. A refresh token that comes with it takes the
// place of the one that was used, unless the mailbox has been given another meanwhile.
//
// A mailbox asks once at a time: some providers take a refresh token that is used twice for stolen.
//
// Owner: the office; outlives its tasks. Thread: the control thread.
class AccessTokens {
 public:
  struct Tools {
    dns::Resolver& resolver;
    std::shared_ptr<const vault::KeyRing> keys;
    std::shared_ptr<const config::Config> config;
    store::JobStore& store;
  };
  AccessTokens(async::Executor executor, Tools tools);

  // Of a mailbox whose auth is xoauth2.
  async::Task<LoginResult<Secret>> token_of(Account account);
  // A server did not take this one: the next token_of() asks for another.
  void refused(const std::string& address, const Secret& token);

  // For binding; nothing is kept. `issuer`: a NAME of [oauth2.NAME].
  async::Task<LoginResult<oauth::Tokens>> refresh(std::string issuer, Secret refresh_token);
  async::Task<LoginResult<oauth::Tokens>> exchange(std::string issuer, oauth::Code code);

 private:
  struct Held {
    Secret token;
    SteadyTime ends;
    std::string record;  // sealed, that it came from
  };
  async::Task<LoginResult<oauth::Tokens>> ask(std::string issuer,
                                              std::function<Secret(const oauth::Client&)> request,
                                              std::vector<std::string_view> secrets);
  async::Task<LoginResult<Secret>> held_or_new(Account account);
  async::Task<LoginResult<Secret>> fetch(Account account);
  const Held* find(const Account& account) const;

  Tools tools_;
  store::VaultStore records_;
  http::Client http_;
  std::map<std::string, Held> held_;  // by address
  std::set<std::string> asking_;
  async::Event asked_;
};

}  // namespace hongyan::mailbox
