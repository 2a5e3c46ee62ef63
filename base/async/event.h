#pragma once

#include "base/async/task.h"

namespace hongyan::async {

// Wakes whoever waits: a condition variable for one thread's tasks. The waiter re-checks its
// condition after every wait, for cancellation returns like a wake-up.
//
// Thread: the executor's only.
class Event {
 public:
  explicit Event(Executor executor) : timer_(executor, SteadyTime::max()) {}

  void notify_one() { timer_.cancel_one(); }
  void notify_all() { timer_.cancel(); }
  Task<> wait() {
    auto [ec] = co_await timer_.async_wait(kTuple);
    (void)ec;
  }
  // The same, but also over at `at`.
  Task<> wait_until(SteadyTime at) {
    Timer until(timer_.get_executor(), at);
    until.async_wait([this](const auto& ec) {
      if (!ec) timer_.cancel();
    });
    co_await wait();
  }

 private:
  Timer timer_;
};

}  // namespace hongyan::async
