#pragma once

#include "base/async/task.h"

#include <boost/asio/cancellation_signal.hpp>

#include <list>
#include <string_view>

namespace hongyan::async {

// The tasks that one object runs; the object's last member, so that they end before what they use.
//
// Thread: the executor's only. Cancel: stop() asks every task to end and waits until all have.
// Errors: an exception that escapes a task is a bug; it is logged, counted and swallowed here.
class TaskGroup {
 public:
  TaskGroup(Executor executor, std::string_view name);
  ~TaskGroup();
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  void spawn(Task<> task);
  // Emits cancellation once and sets stopping(); tasks look at stopping() in their loops.
  void cancel();
  bool stopping() const { return stopping_; }
  std::size_t size() const { return signals_.size(); }
  Task<> join();
  Task<> stop();

 private:
  using Signals = std::list<net::cancellation_signal>;
  class Slot;
  Task<> run(Task<> task);

  Executor executor_;
  std::string_view name_;
  Timer idle_;
  Signals signals_;
  bool stopping_ = false;
};

// How many exceptions escaped a task since the start; exported as a metric, 0 in health.
unsigned long long escaped_exceptions();

}  // namespace hongyan::async
