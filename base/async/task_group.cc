#include "base/async/task_group.h"

#include "base/log.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/consign.hpp>

#include <atomic>
#include <exception>
#include <utility>

namespace hongyan::async {
namespace {
std::atomic<unsigned long long> g_escaped{0};
}

unsigned long long escaped_exceptions() {
  return g_escaped.load(std::memory_order_relaxed);
}

// Counts children by destructor: a coroutine that was cancelled and ends without suspending never
// calls its completion handler on Boost 1.81, but the handler is always destroyed.
class TaskGroup::Slot {
 public:
  Slot(TaskGroup* group, Signals::iterator at) : group_(group), at_(at) {}
  Slot(Slot&& other) noexcept : group_(std::exchange(other.group_, nullptr)), at_(other.at_) {}
  Slot& operator=(Slot&&) = delete;
  ~Slot() {
    if (group_ == nullptr) return;
    group_->signals_.erase(at_);
    if (group_->signals_.empty()) group_->idle_.cancel();
  }

 private:
  TaskGroup* group_;
  Signals::iterator at_;
};

TaskGroup::TaskGroup(Executor executor, std::string_view name)
    : executor_(executor), name_(name), idle_(executor, SteadyTime::max()) {}

TaskGroup::~TaskGroup() = default;

void TaskGroup::spawn(Task<> task) {
  auto at = signals_.emplace(signals_.end());
  net::co_spawn(executor_, run(std::move(task)),
                net::bind_cancellation_slot(
                    at->slot(), net::consign([](const std::exception_ptr&) {}, Slot{this, at})));
}

void TaskGroup::cancel() {
  stopping_ = true;
  for (auto it = signals_.begin(); it != signals_.end();) {
    auto current = it++;
    current->emit(net::cancellation_type::terminal);
  }
}

Task<> TaskGroup::join() {
  while (!signals_.empty()) {
    auto [ec] = co_await idle_.async_wait(kTuple);
    (void)ec;
  }
}

Task<> TaskGroup::stop() {
  cancel();
  co_await join();
}

Task<> TaskGroup::run(Task<> task) {
  co_await net::this_coro::throw_if_cancelled(false);
  try {
    co_await std::move(task);
  } catch (const std::exception& e) {
    g_escaped.fetch_add(1, std::memory_order_relaxed);
    log::panic("task-escaped", {{"group", name_}, {"what", e.what()}});
  }
}

}  // namespace hongyan::async
