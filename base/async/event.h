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

 private:
  Timer timer_;
};

}  // namespace hongyan::async
