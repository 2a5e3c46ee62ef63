#pragma once

#include "base/async/task_group.h"
#include "engine/answer/classifier.h"
#include "engine/config/config.h"
#include "mailbox/catalogue/catalogue.h"
#include "mailbox/login/explain.h"
#include "mailbox/office/hook.h"
#include "mailbox/office/letter_desk.h"
#include "mailbox/office/login.h"
#include "mailbox/office/notices.h"
#include "mailbox/office/orders.h"
#include "mailbox/office/postman.h"
#include "mailbox/office/sync.h"
#include "mailbox/vault/key_ring.h"
#include "metrics/registry.h"
#include "store/inbox_store.h"
#include "store/mailbox_store.h"
#include "store/suppression.h"

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>

namespace hongyan::mailbox {

// The 1-on-1 lane of an engine: takes letters in, sends those of the mailboxes it holds the lease
// of, reads what comes back, and carries out what users order for their mailboxes.
//
// Owner: the engine. Thread: the control thread.
class Office {
 public:
  struct Options {
    std::shared_ptr<const config::Config> config;
    std::string engine;
    std::shared_ptr<const answer::Classifier> classifier;
    std::shared_ptr<const login::Explainer> explainer;
    std::shared_ptr<const Catalogue> catalogue;
    std::shared_ptr<const vault::KeyRing> keys;
    dns::Resolver& resolver;
    metrics::Registry& registry;
    std::function<bool()> may_work;
    std::string secret;          // of all engines: seals the links of tracked letters
    std::shared_ptr<Hook> hook;  // null: nobody is told but by events
  };

  Office(async::Executor executor, Options options, store::JobStore& store);

  // Sends until the group stops; then letters on the wire are waited for.
  async::Task<> run(const async::TaskGroup& owner);

  // As LetterDesk::take().
  async::Task<Result<Faults>> take_letter(std::string document);
  // News that a mailbox has in its store are told.
  async::Task<> publish(Account account);
  // An entry of hongyan:control that has left the queue.
  void carry_out(Orders::Order order) { postmen_.spawn(orders_.carry_out(std::move(order))); }

 private:
  async::Task<> serve(std::string address);
  Postman::Tools tools();
  InboxReader::Tools reading_tools();
  async::Task<> tell(const Account& account, std::string type, std::vector<Json::Member> data);
  async::Task<> keep(Account account, std::string message, std::string message_id);
  async::Task<> suppress(const Account& account, std::string address, std::string reply);
  async::Task<> look_at_mailboxes();
  async::Task<> heed_expiry(Account account, WallTime now);

  Options options_;
  store::JobStore& store_;
  store::MailboxStore mailboxes_;
  store::InboxStore inbox_;
  store::NoteStore notes_;
  std::optional<Notices> notices_;  // nothing: no mail about mailboxes can leave
  store::SuppressionStore suppressions_;
  TrackingPages pages_;
  LetterDesk desk_;
  LoginDesk logins_;
  Orders orders_;
  std::string who_;  // of leases: new with each start
  Sync sync_;
  std::set<std::string> served_;
  std::uint64_t troubles_ = 0;  // told to the hook
  async::TaskGroup postmen_;
};

}  // namespace hongyan::mailbox
