#pragma once

#include "base/async/task_group.h"
#include "base/json.h"
#include "engine/answer/classifier.h"
#include "engine/config/fleet.h"
#include "engine/message/message.h"
#include "engine/smtp/connection.h"
#include "mailbox/account/account.h"
#include "mailbox/catalogue/catalogue.h"
#include "mailbox/letter/letter.h"
#include "mailbox/office/letter_verdict.h"
#include "mailbox/office/login.h"
#include "store/mailbox_store.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace hongyan::mailbox {

// A letter on the wire.
class LetterDelivery final : public smtp::Delivery {
 public:
  // Errors: what its templates come to with its values; "bad-letter".
  static Result<std::unique_ptr<LetterDelivery>> make(Letter letter, WallTime date,
                                                      const TrackingPages& pages);

  std::string_view sender() const override { return sender_; }
  std::span<const std::string> recipients() const override { return {&recipient_, 1}; }
  bool needs_smtputf8() const override { return rendered_.needs_smtputf8(); }
  std::size_t size() const override { return rendered_.size(); }
  std::span<const std::string_view> content() override { return rendered_.pieces(); }

  const Letter& letter() const { return letter_; }
  // As it stands in the folder of sent mail: not tracked, or its writer's reading would count.
  std::string copy() const;

  LetterAttempt attempt;
  std::string marked_on;  // the day whose place it has; empty: it was not marked

 private:
  LetterDelivery(Letter letter, WallTime date) : letter_(std::move(letter)), date_(date) {}
  Result<void> render(const TrackingPages& pages);

  Letter letter_;
  WallTime date_;
  std::string sender_, recipient_;
  std::shared_ptr<const message::Compiled> compiled_;
  message::Rendered rendered_;
};

// Sends the letters of one mailbox, each when the pace allows, over one session as long as the next
// one is near, and goes home when nothing is due soon. At most one engine has a postman of a
// mailbox at work: the lease says which.
//
// Owner: the office. Thread: the control thread.
class Postman final : public smtp::Feed {
 public:
  struct Tools {
    store::JobStore& store;
    const config::MailboxSettings& settings;
    const Catalogue& catalogue;
    const TrackingPages& pages;
    LetterJudges judges;
    LoginDesk& logins;
    std::function<bool()> may_send;  // false: sending is held, or this engine is to take nothing
    double time_scale = 1;           // gaps and pauses are divided by it
    // A letter was sent: for Sent, where the provider does not keep it itself.
    std::function<void(const Account&, std::string message, std::string message_id)> keep_copy;
    // An event about the mailbox.
    std::function<async::Task<>(const Account&, std::string type, std::vector<Json::Member>)> tell;
    // The log-in failed: what that means for the mailbox is decided in one place.
    std::function<async::Task<>(const Account&, LoginFailure)> refused;
    std::function<async::Task<>(const Account&, std::string address, std::string reply)> suppress;
    std::function<void(const Account&, std::string_view outcome)> count;
  };

  Postman(Tools tools, std::string address, std::string who);

  // Until nothing is due soon, or the lease is another's.
  async::Task<> run(const async::TaskGroup& owner);

 private:
  smtp::Delivery* next() override;
  async::Task<bool> commit(std::span<const smtp::Settled> settled,
                           smtp::Delivery* to_mark) override;
  async::Task<bool> wait() override;

  async::Task<bool> refresh();  // false: not ours, or not to write
  async::Task<bool> prepare();  // false: nothing is due soon
  async::Task<std::optional<Letter>> read(std::string id, std::string document);
  async::Task<> settle(LetterDelivery& delivery, const smtp::RecipientOutcome& outcome);
  async::Task<> keep_trying(std::string id, store::MailboxStore::Settlement settlement);
  async::Task<> give_up(std::string id, std::string why);
  async::Task<> heed(const LetterVerdict& verdict);
  async::Task<bool> take_domain_place(std::string date);
  async::Task<> return_domain_place(std::string date);
  std::string domain() const { return address_.substr(address_.rfind('@') + 1); }
  async::Task<> go_home();
  Pace pace() const;
  Millis scaled(Millis pause) const;

  Tools tools_;
  std::string address_;
  std::string who_;
  store::MailboxStore mailboxes_;
  const async::TaskGroup* owner_ = nullptr;
  Account account_;
  std::int64_t sent_today_ = 0;
  bool ours_ = false;                        // the lease
  std::string front_;                        // the letter that waits first, when it was looked
  std::unique_ptr<LetterDelivery> ready_;    // rendered, its time has come
  std::unique_ptr<LetterDelivery> on_wire_;  // handed to the connection
  std::optional<WallTime> home_until_;       // when there is work again; nothing: none waits
};

}  // namespace hongyan::mailbox
