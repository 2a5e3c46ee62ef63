#include "engine/core/lane_feed.h"

namespace hongyan::engine {
namespace {
using namespace std::chrono_literals;

// After a mark was refused for money: how long the job's deliveries wait for the account to lend.
constexpr auto kMoneyPause = 200ms;
// What a connection may send before it makes room for a lane that has none.
constexpr int kShortTurn = 20;
}  // namespace

smtp::Delivery* LaneDesk::Feed::next() {
  if (turn_is_over()) return nullptr;
  BulkDelivery* delivery = desk_.take(entry_, queue_);
  if (delivery != nullptr) ++given_;
  return delivery;
}

bool LaneDesk::Feed::turn_is_over() const {
  return closing_ || (given_ >= kShortTurn && desk_.must_yield(entry_));
}

async::Task<bool> LaneDesk::Feed::commit(std::span<const smtp::Settled> settled,
                                         smtp::Delivery* to_mark) {
  std::vector<SettleStep> steps;
  std::vector<BulkDelivery*> owners;
  for (const smtp::Settled& one : settled) {
    auto& delivery = static_cast<BulkDelivery&>(*one.delivery);
    if (one.recipients[0].verdict != smtp::Verdict::kUntried) {
      answered_any_ = true;
    } else if (!answered_any_) {
      // It opens and breaks off: whoever comes next, this delivery first, asks another address.
      queue_.avoid(target_);
    }
    if (auto step = desk_.conclude(entry_, one, target_.host, closing_)) {
      steps.push_back(std::move(*step));
      owners.push_back(&delivery);
    }
  }
  auto* marking = static_cast<BulkDelivery*>(to_mark);
  if (marking != nullptr) {
    SettleStep mark = desk_.step_for(*marking);
    mark.step.mark = true;
    mark.step.retry = marking->attempts > 0;
    steps.push_back(std::move(mark));
  }
  if (steps.empty()) co_return true;
  const auto answers = co_await desk_.settler_.commit(std::move(steps));
  for (std::size_t i = 0; i < owners.size(); ++i) desk_.gone(*owners[i]);
  if (marking == nullptr) co_return true;
  if (!refused(*marking, answers.back())) co_return true;
  co_return false;
}

// What happens to a delivery whose mark did not succeed; false: it did.
bool LaneDesk::Feed::refused(BulkDelivery& delivery, const SettleStep& mark) {
  HeldJob& job = *delivery.job;
  if (mark.answer == static_cast<char>(store::MarkAnswer::kGo)) {
    delivery.marked = true;
    ++job.marked;
    return false;
  }
  desk_.unstart(entry_, delivery);
  switch (static_cast<store::MarkAnswer>(mark.answer)) {
    case store::MarkAnswer::kCanary:
      job.parked.push_back(&delivery);
      break;
    case store::MarkAnswer::kMaxSpend:
    case store::MarkAnswer::kNoFunds:
      job.refused_until = std::chrono::steady_clock::now() + kMoneyPause;
      job.parked.push_back(&delivery);
      break;
    case store::MarkAnswer::kStale:
      // Ours no more, unless the call was lost: then the mark, if it was made, must be taken back.
      if (mark.unknown) {
        desk_.give_back(delivery);
      } else {
        desk_.gone(delivery);
      }
      break;
    case store::MarkAnswer::kStopped:
    case store::MarkAnswer::kGo:
      desk_.give_back(delivery);
      break;
  }
  return true;
}

async::Task<bool> LaneDesk::Feed::wait() {
  const auto idle_until =
      std::chrono::steady_clock::now() + desk_.config_->local.smtp.timeouts.idle;
  while (!desk_.draining_ && !desk_.tasks_.stopping()) {
    const SteadyTime now = std::chrono::steady_clock::now();
    if (now >= idle_until || turn_is_over()) co_return false;
    if (!queue_.ready.empty() || desk_.lane_of(entry_).can_start(now)) co_return true;
    if (desk_.must_yield(entry_)) co_return false;
    // A route without a connection must not wait for one that idles here.
    if (is_stranded(entry_)) co_return false;
    co_await entry_.wake->wait_until(idle_until);
  }
  co_return false;
}

}  // namespace hongyan::engine
