#pragma once

#include "base/async/task_group.h"
#include "mailbox/account/account.h"
#include "mailbox/catalogue/catalogue.h"
#include "mailbox/office/login.h"
#include "store/inbox_store.h"
#include "store/mailbox_store.h"

#include <functional>
#include <random>
#include <string>

namespace hongyan::mailbox {

// Reads INBOX of one mailbox as long as its lease is ours: what comes is kept and told, what lay
// there at first is not. Nothing in the mailbox is changed, no flag either.
//
// Owner: Sync. Thread: the control thread. Cancel: by the owner's group.
class InboxReader {
 public:
  struct Tools {
    store::JobStore& store;
    const Catalogue& catalogue;
    LoginDesk& logins;
    double time_scale = 1;  // pauses are divided by it
    // News of the mailbox wait in its store.
    std::function<async::Task<>(const Account&)> publish;
    // As Orders::login_refused().
    std::function<async::Task<>(const Account&, LoginFailure)> refused;
  };
  static constexpr Millis kLease = std::chrono::seconds(30);

  // `who` holds the lease, and no other reader has that name.
  InboxReader(async::Executor executor, Tools tools, std::string address, std::string who);

  // Until the lease is lost, there is nothing to read any more, or the owner stops. `delay`: before
  // the first log-in.
  async::Task<> run(const async::TaskGroup& owner, Millis delay);

 private:
  async::Task<> read(Millis delay);
  async::Task<bool> session();  // true: mail was read
  async::Task<bool> watch(imap::Client& client);
  async::Task<bool> take(imap::Client& client);  // false: the session is over
  async::Task<bool> wait(imap::Client& client);
  async::Task<> heed(LoginFailure failure);
  bool lost(const imap::Failure& failure);
  Millis scaled(Millis pause) const;
  double draw();

  Tools tools_;
  std::string address_;
  std::string who_;
  store::InboxStore inbox_;
  store::MailboxStore mailboxes_;
  Account account_;
  int away_ = 0;  // in a row its server was not there
  std::uint32_t uid_validity_ = 0;
  std::uint32_t next_ = 0;  // the first UID not looked at
  std::mt19937_64 random_;
  async::TaskGroup tasks_;
};

}  // namespace hongyan::mailbox
