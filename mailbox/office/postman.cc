#include "mailbox/office/postman.h"

#include "base/log.h"
#include "mailbox/office/pace_rules.h"
#include "mailbox/office/trouble.h"

#include <algorithm>

namespace hongyan::mailbox {
namespace {

using namespace std::chrono_literals;
using async::Task;
using Mark = store::MailboxStore::Mark;

constexpr Millis kLease = 60s;
constexpr Millis kRenewed = 15s;
// A session is kept for the next letter when it is due within this; providers hang up after five
// minutes and more.
constexpr Millis kKeptOpen = 4min;
// A server that cannot be reached, or is not ours to fix, is asked again after this.
constexpr Millis kUnreachable = 5min;
constexpr int kLookedAt = 16;  // of the letters that wait

WallTime wall_now() {
  return SystemClock().wall();
}

}  // namespace

Result<std::unique_ptr<LetterDelivery>> LetterDelivery::make(Letter letter, WallTime date,
                                                             const TrackingPages& pages) {
  std::unique_ptr<LetterDelivery> made(new LetterDelivery(std::move(letter), date));
  if (auto done = made->render(pages); !done) return std::unexpected(done.error());
  return made;
}

Result<void> LetterDelivery::render(const TrackingPages& pages) {
  auto compiled = message::compile(message_spec(letter_));
  if (!compiled) return fail(Scope::kDelivery, "bad-letter", compiled.error().front().sentence());
  compiled_ = *std::move(compiled);
  sender_ = letter_.mailbox.normalised();
  recipient_ = letter_.to.normalised();
  const auto values = letter_variables(letter_, *compiled_, pages);
  const std::vector<std::pair<std::string_view, std::string_view>> variables(values.begin(),
                                                                             values.end());
  const std::string id = message_id(letter_);
  return compiled_->render({recipient_, variables, id, date_}, rendered_);
}

std::string LetterDelivery::copy() const {
  std::string text;
  if (!letter_.track_opens && !letter_.track_clicks) {
    for (const std::string_view piece : rendered_.pieces()) text += piece;
    return text;
  }
  Letter plain = letter_;
  plain.track_opens = plain.track_clicks = false;
  const auto made = make(std::move(plain), date_, {});
  return made ? (*made)->copy() : std::string();
}

Postman::Postman(Tools tools, std::string address, std::string who)
    : tools_(std::move(tools)),
      address_(std::move(address)),
      who_(std::move(who)),
      mailboxes_(tools_.store) {}

Pace Postman::pace() const {
  return Pace(pace_rules(tools_.settings, tools_.catalogue, account_, tools_.time_scale));
}

Millis Postman::scaled(Millis pause) const {
  return std::chrono::duration_cast<Millis>(pause / tools_.time_scale);
}

// The lease, and what is known of the mailbox now.
Task<bool> Postman::refresh() {
  auto leased = co_await mailboxes_.lease(address_, who_, kLease);
  ours_ = leased && *leased;
  if (!ours_) co_return false;
  auto fields = co_await mailboxes_.load(address_);
  if (!fields) co_return false;
  account_ = read_account(address_, *fields);
  for (const std::string& id : **leased)
    co_await tools_.tell(account_, "mailbox.in-doubt", {{"letter", Json::string(id)}});
  if (account_.status != Status::kNormal) co_return false;
  const auto sent =
      co_await mailboxes_.sent_on(address_, pace().day_at(account_.bound_at, wall_now()).date);
  if (!sent) co_return false;
  sent_today_ = *sent;
  co_return true;
}

Task<std::optional<Letter>> Postman::read(std::string id, std::string document) {
  auto letter = parse_letter(document);
  if (!letter) {
    co_await give_up(id, letter.error().front().sentence());
    co_return std::nullopt;
  }
  for (job::Attachment& attachment : letter->attachments) {
    if (attachment.key.empty()) continue;
    auto data = co_await tools_.store.call(std::move(redis::Command("GET").arg(attachment.key)));
    if (!data) co_return std::nullopt;
    if (data->is_nil()) {
      co_await give_up(id, "attachments: nothing lies under " + attachment.key);
      co_return std::nullopt;
    }
    attachment.data = std::string(data->text());
  }
  co_return *std::move(letter);
}

// A letter that can never be sent.
Task<> Postman::give_up(std::string id, std::string why) {
  (void)co_await mailboxes_.settle(address_, who_, id,
                                   {.state = "failed", .fields = {{"reply", why}}});
  log::warning("letter-failed", {{"mailbox", address_}, {"letter", id}, {"why", why}});
}

// Waits for the next letter's time, when that is near, and has it ready then.
Task<bool> Postman::prepare() {
  while (!owner_->stopping() && !ready_) {
    if (!tools_.may_send()) {
      home_until_ = wall_now();  // due at once when that ends
      co_return false;
    }
    if (!co_await refresh()) co_return false;
    auto waiting = co_await mailboxes_.waiting(address_, kLookedAt);
    if (!waiting) co_return false;
    if (waiting->empty()) {
      home_until_.reset();
      front_.clear();
      co_return false;
    }
    const auto& [id, due] = waiting->front();
    front_ = id;
    const WallTime now = wall_now();
    const double draw = gap_draw(address_, account_.last_sent);
    const WallTime at =
        std::max(pace().next(account_.pace_state(sent_today_), now, draw), from_unix_ms(due));
    home_until_ = at;
    if (at - now > kKeptOpen) co_return false;
    if (at > now) {
      // In steps, and with another look at the end: the lease must be renewed, and what has changed
      // in the meantime is heeded.
      co_await async::sleep_for(std::min(at - now, kRenewed));
      continue;
    }
    auto fields = co_await mailboxes_.load_letter(address_, id);
    if (!fields) co_return false;
    const LetterRecord record = read_letter_record(*fields);
    auto letter = co_await read(id, record.document);
    if (!letter) continue;
    auto delivery = LetterDelivery::make(*std::move(letter), wall_now(), tools_.pages);
    if (!delivery) {
      co_await give_up(id, delivery.error().detail);
      continue;
    }
    (*delivery)->attempt = {record.attempts, record.accepted_at, {}};
    ready_ = *std::move(delivery);
  }
  co_return ready_ != nullptr;
}

smtp::Delivery* Postman::next() {
  if (!ready_ || on_wire_) return nullptr;
  on_wire_ = std::move(ready_);
  return on_wire_.get();
}

Task<bool> Postman::wait() {
  if (owner_->stopping()) co_return false;
  co_return co_await prepare();
}

Task<bool> Postman::commit(std::span<const smtp::Settled> settled, smtp::Delivery* to_mark) {
  for (const smtp::Settled& one : settled) {
    co_await settle(static_cast<LetterDelivery&>(*one.delivery), one.recipients[0]);
    on_wire_.reset();
  }
  if (to_mark == nullptr) co_return true;
  auto& delivery = static_cast<LetterDelivery&>(*to_mark);
  const PaceDay day = pace().day_at(account_.bound_at, wall_now());
  if (!co_await take_domain_place(day.date)) {
    on_wire_.reset();
    co_return false;
  }
  const auto mark =
      co_await mailboxes_.mark(address_, who_, delivery.letter().id, day.date, day.plan);
  if (mark && *mark == Mark::kGo) {
    delivery.marked_on = day.date;
    co_return true;
  }
  co_await return_domain_place(day.date);
  // Nothing was sent. Without an answer the mark may have been made: it is taken back.
  if (!mark)
    co_await keep_trying(
        delivery.letter().id,
        {.state = "queued", .due_ms = to_unix_ms(wall_now()), .gives_place_back = true});
  on_wire_.reset();
  co_return false;
}

// Where the provider counts the mailboxes of a domain together. False: its day is full, and this
// mailbox waits for the next.
Task<bool> Postman::take_domain_place(std::string date) {
  const std::int64_t most = domain_cap(tools_.catalogue, account_);
  if (most == 0) co_return true;
  const auto taken = co_await mailboxes_.take_place(domain(), date, most);
  if (!taken) co_return false;
  if (*taken) co_return true;
  const WallTime tomorrow = pace().next(account_.pace_state(most), wall_now(), 0);
  (void)co_await mailboxes_.set(address_, {{"not_before", std::to_string(to_unix_ms(tomorrow))}});
  home_until_ = tomorrow;
  co_return false;
}

Task<> Postman::return_domain_place(std::string date) {
  if (domain_cap(tools_.catalogue, account_) > 0)
    (void)co_await mailboxes_.return_place(domain(), std::move(date));
}

// Until Redis has it: nobody else knows what became of the letter.
Task<> Postman::keep_trying(std::string id, store::MailboxStore::Settlement settlement) {
  for (;;) {
    const auto done = co_await mailboxes_.settle(address_, who_, id, settlement);
    if (done || owner_->stopping()) co_return;
    co_await async::sleep_for(500ms);
  }
}

Task<> Postman::settle(LetterDelivery& delivery, const smtp::RecipientOutcome& outcome) {
  delivery.attempt.now = wall_now();
  tools_.judges.provider = account_.provider;
  const LetterVerdict verdict = judge_letter(outcome, delivery.attempt, tools_.judges);
  const std::string id = delivery.letter().id;
  const std::string to = delivery.letter().to.normalised();
  const std::string state = verdict.settlement.state;
  const std::string reply = reply_text(outcome);
  const bool answered = verdict.settlement.answered, bad = verdict.settlement.bad_address;
  co_await keep_trying(id, verdict.settlement);
  if (verdict.settlement.gives_place_back && !delivery.marked_on.empty())
    co_await return_domain_place(delivery.marked_on);
  if (verdict.suppress) co_await tools_.suppress(account_, to, reply);  // the effect, then the news
  log::info("letter",
            {{"mailbox", address_}, {"letter", id}, {"outcome", state}, {"reply", reply}});
  co_await tools_.tell(account_, "mailbox.letter",
                       {{"letter", Json::string(id)},
                        {"to", Json::string(to)},
                        {"outcome", Json::string(state)},
                        {"reply", Json::string(reply)}});
  tools_.count(account_, state);
  if (state == "sent")
    tools_.keep_copy(account_, delivery.copy(),
                     message_id(delivery.letter()) + "@" + delivery.letter().mailbox.domain);
  account_.answers += answered ? 1 : 0;
  account_.bad += bad ? 1 : 0;
  co_await heed(verdict);
  if (verdict.about_mailbox)
    co_await tools_.refused(account_,
                            {login::Protocol::kSmtp, account_.servers.smtp, login::Stage::kMail,
                             std::to_string(outcome.reply.code), outcome.reply.text, true});
}

// What the answer means for the mailbox.
Task<> Postman::heed(const LetterVerdict& verdict) {
  Fields changes;
  if (verdict.settlement.answered) changes = forgive(account_, login::Protocol::kSmtp);
  if (verdict.pause.count() > 0)
    changes["not_before"] = std::to_string(to_unix_ms(wall_now() + scaled(verdict.pause)));
  const WallTime now = wall_now();
  if (verdict.too_fast) {
    changes["slowdown"] = std::to_string(
        std::min(Learnt::kSlowest, account_.learnt.slowdown_at(now) * Learnt::kSlower));
    changes["slowed_at"] = std::to_string(to_unix_ms(now));
  }
  if (verdict.day_is_over) {
    changes["learnt_cap"] = std::to_string(std::max<std::int64_t>(1, sent_today_ * 9 / 10));
    changes["learnt_at"] = std::to_string(to_unix_ms(now));
  }
  if (const std::string why = bounce_verdict(account_.answers, account_.bad); !why.empty()) {
    changes["status"] = status_name(Status::kStopped);
    changes["reason"] = why;
    co_await tools_.tell(account_, "mailbox.stopped", {{"reason", Json::string(why)}});
  }
  if (!changes.empty()) (void)co_await mailboxes_.set(address_, std::move(changes));
}

// Says when there is work again. A letter that came in the meantime, before the one we know of,
// wakes somebody at once.
Task<> Postman::go_home() {
  if (home_until_)
    (void)co_await mailboxes_.wake_at(address_, to_unix_ms(*home_until_));
  else
    (void)co_await mailboxes_.sleep(address_);
  const auto waiting = co_await mailboxes_.waiting(address_, 1);
  if (waiting && !waiting->empty() && waiting->front().first != front_)
    (void)co_await mailboxes_.wake_at(address_, to_unix_ms(wall_now()));
  (void)co_await mailboxes_.release(address_, who_);
}

Task<> Postman::run(const async::TaskGroup& owner) {
  owner_ = &owner;
  home_until_ = wall_now() + scaled(kUnreachable);
  while (co_await prepare()) {
    auto connection = co_await tools_.logins.open_smtp(account_);
    if (!connection) {
      home_until_ = wall_now() + scaled(kUnreachable);
      if (connection.error().code.starts_with("vault-")) {
        log::error("mailbox-secret", {{"mailbox", address_}, {"error", connection.error().text}});
        break;
      }
      co_await tools_.refused(account_, connection.error());
      break;
    }
    const smtp::ConnectionEnd end = co_await (*connection)->run(*this);
    if (end.why == smtp::ConnectionEnd::Why::kDone) break;
    home_until_ = wall_now() + 1min;
    log::info("mailbox-session-ended", {{"mailbox", address_}, {"why", end.cause}});
    break;
  }
  ready_.reset();
  // Another engine's: should it die, its lease ends.
  if (ours_)
    co_await go_home();
  else
    (void)co_await mailboxes_.wake_at(address_, to_unix_ms(wall_now() + kLease));
}

}  // namespace hongyan::mailbox
