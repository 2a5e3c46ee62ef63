#include "mailbox/office/inbox_reader.h"

#include "base/log.h"
#include "base/text.h"
#include "mailbox/office/sync_rules.h"
#include "mailbox/office/trouble.h"

#include <algorithm>

namespace hongyan::mailbox {
namespace {

using namespace std::chrono_literals;
using async::Task;

constexpr Millis kRenewed = 5s;
// However fast a test's clock runs: a server that refuses is not called in a loop.
constexpr Millis kShortest = 250ms;
// A server that is not there so often in a row: the provider may have another.
constexpr int kGivenUp = 2;

}  // namespace

InboxReader::InboxReader(async::Executor executor, Tools tools, std::string address,
                         std::string who)
    : tools_(std::move(tools)),
      address_(std::move(address)),
      who_(std::move(who)),
      inbox_(tools_.store),
      mailboxes_(tools_.store),
      random_(std::random_device{}()),
      tasks_(executor, "inbox") {}

Millis InboxReader::scaled(Millis pause) const {
  return std::max(kShortest, std::chrono::duration_cast<Millis>(pause / tools_.time_scale));
}

double InboxReader::draw() {
  return std::uniform_real_distribution<double>(0, 1)(random_);
}

Task<> InboxReader::run(const async::TaskGroup& owner, Millis delay) {
  tasks_.spawn(read(delay));
  while (!owner.stopping() && tasks_.size() > 0) {
    co_await async::sleep_for(kRenewed);
    // While Redis does not answer nothing can be stored either.
    const auto ours = co_await inbox_.lease(address_, who_, kLease, true);
    if (ours && !*ours) break;
  }
  co_await tasks_.stop();
  (void)co_await inbox_.release(address_, who_);
}

Task<> InboxReader::read(Millis delay) {
  co_await async::sleep_for(delay);
  int failures = 0;
  while (!tasks_.stopping()) {
    const auto fields = co_await mailboxes_.load(address_);
    if (fields) {
      account_ = read_account(address_, *fields);
      if (!account_.may_be_read()) co_return;
      co_await tools_.publish(account_);  // what an engine that died had left
      failures = co_await session() ? 1 : failures + 1;
    }
    if (!tasks_.stopping()) co_await async::sleep_for(scaled(back_off(failures, draw())));
  }
}

// A log-in that was refused is judged where all are; that a server is not there says nothing of the
// mailbox.
Task<> InboxReader::heed(LoginFailure failure) {
  log::info("inbox-unreachable", {{"mailbox", address_}, {"said", failure.sentence()}});
  if (!failure.answered || failure.code == "BYE") {
    if (++away_ < kGivenUp) co_return;
    away_ = 0;
    auto changes = other_servers(account_, tools_.catalogue.by_id(account_.provider));
    if (!changes.empty()) (void)co_await mailboxes_.set(address_, std::move(changes));
    co_return;
  }
  co_await tools_.refused(account_, std::move(failure));
  const auto fields = co_await mailboxes_.load(address_);
  if (!fields) co_return;
  const WallTime now = SystemClock().wall();
  if (const WallTime again = read_account(address_, *fields).not_before; again > now)
    co_await async::sleep_for(again - now);
}

bool InboxReader::lost(const imap::Failure& failure) {
  if (!tasks_.stopping())
    log::info("inbox-session-ended", {{"mailbox", address_}, {"why", failure.sentence()}});
  return false;
}

Task<bool> InboxReader::session() {
  const Server server = *account_.servers.imap;
  const Provider* provider = tools_.catalogue.by_id(account_.provider);
  auto client =
      co_await tools_.logins.open_imap(account_, provider != nullptr && provider->needs_imap_id);
  if (tasks_.stopping()) co_return false;
  if (!client) {
    co_await heed(client.error());
    co_return false;
  }
  const auto folder = co_await (*client)->examine("INBOX");
  if (!folder) {
    if (!tasks_.stopping()) co_await heed(LoginDesk::failure_in(server, folder.error()));
    co_return false;
  }
  uid_validity_ = folder->uid_validity;
  const auto next = co_await inbox_.begin(address_, who_, uid_validity_, folder->uid_next);
  if (!next) co_return false;
  next_ = *next;
  if (next_ == 0) {  // the lease is lost; run() will see it
    co_await (*client)->logout();
    co_return false;
  }
  away_ = 0;
  co_await tools_.publish(account_);
  if (auto changes = forgive(account_, login::Protocol::kImap); !changes.empty())
    (void)co_await mailboxes_.set(address_, std::move(changes));
  const bool good = co_await watch(**client);
  if (tasks_.stopping()) co_return good;
  co_await (*client)->logout();
  co_return good;
}

Task<bool> InboxReader::watch(imap::Client& client) {
  bool good = false;
  while (!tasks_.stopping()) {
    if (!co_await take(client)) break;
    good = true;
    if (!co_await wait(client)) break;
  }
  co_return good;
}

// In batches: a folder with thousands of new messages is kept piece by piece.
Task<bool> InboxReader::take(imap::Client& client) {
  const auto uids = co_await client.uids_from(next_);
  if (!uids) co_return lost(uids.error());
  for (std::size_t at = 0; at < uids->size(); at += imap::Client::kBatch) {
    const auto first = uids->begin() + static_cast<std::ptrdiff_t>(at);
    const auto last =
        first + static_cast<std::ptrdiff_t>(std::min(imap::Client::kBatch, uids->size() - at));
    const auto heads = co_await client.fetch({first, last});
    if (!heads) co_return lost(heads.error());
    const std::uint32_t next = *(last - 1) + 1;
    std::vector<store::InboxStore::Head> kept;
    for (const imap::MessageHead& head : *heads)
      kept.push_back({head.uid, to_json(message_json(address_, head))});
    const auto stored = co_await inbox_.put(address_, who_, uid_validity_, next, std::move(kept));
    if (!stored || !*stored) co_return false;
    next_ = next;
    co_await tools_.publish(account_);
    if (tasks_.stopping()) co_return false;
  }
  co_return true;
}

// Some servers forget to tell those that wait: all are asked now and then.
Task<bool> InboxReader::wait(imap::Client& client) {
  const auto fields = co_await mailboxes_.load(address_);
  if (fields) account_.sync_interval = read_account(address_, *fields).sync_interval;
  const Millis pause = scaled(next_look(account_.sync_interval, draw()));
  if (client.offers_idle()) {
    const auto changed = co_await client.idle(pause);
    co_return changed || lost(changed.error());
  }
  co_await async::sleep_for(pause);
  if (tasks_.stopping()) co_return false;
  const auto changed = co_await client.poll();
  co_return changed || lost(changed.error());
}

}  // namespace hongyan::mailbox
