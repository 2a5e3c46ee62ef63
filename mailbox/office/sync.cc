#include "mailbox/office/sync.h"

#include <algorithm>

namespace hongyan::mailbox {
namespace {

using namespace std::chrono_literals;
using async::Task;

constexpr std::size_t kMostAtOnce = 1000;  // mailboxes that one engine reads
constexpr Millis kRound = 2s;
constexpr Millis kLongestRound = 60s;
constexpr Millis kEach = 10ms;   // of a round, for each mailbox: Redis has other things to do
constexpr Millis kApart = 20ms;  // between first log-ins, on average

}  // namespace

Sync::Sync(async::Executor executor, InboxReader::Tools tools, std::string who)
    : executor_(executor),
      tools_(std::move(tools)),
      mailboxes_(tools_.store),
      inbox_(tools_.store),
      who_(std::move(who)),
      random_(std::random_device{}()),
      readers_(executor, "readers") {}

Task<> Sync::run(const async::TaskGroup& owner, std::function<bool()> may_work) {
  Millis round = kRound;
  while (!owner.stopping()) {
    co_await async::sleep_for(round);
    if (owner.stopping() || !may_work()) continue;
    const auto there = static_cast<std::int64_t>(co_await look());
    round = std::clamp(kEach * there, kRound, kLongestRound);
  }
  co_await readers_.stop();
}

Task<std::size_t> Sync::look() {
  const auto all = co_await mailboxes_.all();
  if (!all) co_return 0;
  for (const std::string& address : *all) {
    if (served_.size() >= kMostAtOnce) break;
    if (served_.contains(address)) continue;
    const std::string who = who_ + "/" + std::to_string(++readers_begun_);
    const auto ours = co_await inbox_.lease(address, who, InboxReader::kLease, false);
    if (!ours) co_return all->size();
    if (!*ours) continue;
    served_.insert(address);
    const auto latest = (kApart * static_cast<std::int64_t>(served_.size())).count() * 2;
    const Millis delay{std::uniform_int_distribution<std::int64_t>(0, latest)(random_)};
    readers_.spawn(serve(address, who, delay));
  }
  co_return all->size();
}

Task<> Sync::serve(std::string address, std::string who, Millis delay) {
  InboxReader reader(executor_, tools_, address, std::move(who));
  co_await reader.run(readers_, delay);
  served_.erase(address);
}

}  // namespace hongyan::mailbox
