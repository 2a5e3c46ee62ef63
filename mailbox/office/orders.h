#pragma once

#include "base/async/event.h"
#include "engine/config/config.h"
#include "mailbox/account/account.h"
#include "mailbox/catalogue/catalogue.h"
#include "mailbox/office/binder.h"
#include "mailbox/office/login.h"
#include "mailbox/vault/key_ring.h"
#include "store/mailbox_store.h"

#include <boost/asio/thread_pool.hpp>

#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>

namespace hongyan::mailbox {

// What users order for their mailboxes over hongyan:control (docs/queue.md): bind, update-password,
// verify, set, unbind.
//
// What came of an order is an event, and the answer that its `request` names. An order must have
// left the queue before it is carried out: an engine that dies over it must not make another one
// try the secret again.
//
// Owner: the office. Thread: the control thread; DNS questions of unknown domains on one of its
// own.
class Orders {
 public:
  // Fields of the entry.
  using Order = std::map<std::string, std::string, std::less<>>;
  using Tell = std::function<async::Task<>(const Account&, std::string, std::vector<Json::Member>)>;

  Orders(async::Executor executor, store::JobStore& store,
         std::shared_ptr<const config::Config> config, std::shared_ptr<const Catalogue> catalogue,
         std::shared_ptr<const vault::KeyRing> keys, LoginDesk& logins, Binder binder, Tell tell);

  static bool is_order(std::string_view op) { return op.starts_with("mailbox."); }
  async::Task<> carry_out(Order order);

  // What a failed log-in of a mailbox in use means for it.
  async::Task<> login_refused(const Account& account, LoginFailure failure);

 private:
  async::Task<BindReport> obey(const Order& order);
  async::Task<BindReport> bind(const Order& order, Address address, std::string label);
  async::Task<BindReport> set(const Order& order, Account account);
  async::Task<BindReport> verify(Account account);
  // What `bind` logs in with, and what it keeps: of OAuth2 these are two.
  struct Secrets {
    Secret login, kept;
    Bilingual warning;  // about the form of what came
  };
  async::Task<std::expected<Secrets, BindReport>> secrets_of(const Order& order, Account& account,
                                                             const Provider* provider, Secret came);
  async::Task<LoginResult<Secrets>> sign_in(std::string issuer, oauth::Code code, Secret refresh);
  BindReport not_signed_in(const LoginFailure& failure, const Provider* provider,
                           bool worked) const;
  async::Task<Result<Account>> load(std::string address);
  async::Task<Recognised> recognise(Address address);
  async::Task<> answer(const Order& order, const BindReport& report);

  store::JobStore& store_;
  store::MailboxStore mailboxes_;
  std::shared_ptr<const config::Config> config_;
  std::shared_ptr<const Catalogue> catalogue_;
  std::shared_ptr<const vault::KeyRing> keys_;
  LoginDesk& logins_;
  Binder binder_;
  Tell tell_;
  std::set<std::string> judging_;  // mailboxes whose refusal is being judged
  async::Event judged_;
  async::net::thread_pool asking_{1};
};

}  // namespace hongyan::mailbox
