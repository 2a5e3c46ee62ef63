#pragma once

#include "base/async/task.h"
#include "base/clock.h"
#include "metrics/registry.h"
#include "store/commit_batch.h"
#include "store/job_store.h"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace hongyan::engine {

// One step of one job and, once the call has returned, its answer.
struct SettleStep {
  std::string job;
  store::Step step;
  char answer = 'S';     // mark: a MarkAnswer; settle: the new state byte, or S: it was not ours
  bool unknown = false;  // mark only: the call was lost, Redis may or may not have marked
};

// A settle that Redis acknowledged not long ago.
struct RecentStep {
  SteadyTime at;
  SettleStep settled;
};

// Turns what connections report into as few calls as possible: while one round of calls is on its
// way, everything that comes together waits for the next, so batches grow with load by themselves.
//
// Settles are kept until Redis has taken them: after a lost call or while Redis is away they are
// sent again (settling twice changes nothing). A mark that was lost is answered with `unknown`;
// its message must not be sent.
//
// Owner: Worker. Thread: its own. Memory: bounded by the connections, each waits for its answer.
class Settler {
 public:
  using OnAnswer = std::function<void(const std::string& job, const store::CommitAnswer&)>;
  using OnDone = std::move_only_function<void(std::vector<SettleStep>)>;

  // `sheet`: the worker's.
  Settler(async::Executor executor, store::JobStore& store, std::string engine,
          std::function<store::BillingDay()> today, metrics::Sheet& sheet, OnAnswer on_answer);

  // `done` is called from the loop, never inside this call.
  void commit(std::vector<SettleStep> steps, OnDone done);
  async::Task<std::vector<SettleStep>> commit(std::vector<SettleStep> steps);

  // Settles acknowledged in the last seconds, for a replay after Redis lost its last writes.
  std::vector<RecentStep> recent() const { return {recent_.begin(), recent_.end()}; }
  // No call is made until resume(): a replay must come first.
  void hold() { held_ = true; }
  void resume();
  // Whoever waits is answered `unknown`, now and from now on: this engine ends, and Redis does not
  // take what it has. What was marked will be in doubt.
  void give_up();

  bool idle() const { return queue_.empty() && outstanding_ == 0; }
  std::size_t waiting() const { return queue_.size(); }
  std::uint64_t calls() const { return calls_; }
  std::uint64_t steps() const { return steps_; }

 private:
  struct Request {
    std::vector<SettleStep> steps;
    std::size_t unanswered = 0;
    OnDone done;
  };
  using RequestPtr = std::shared_ptr<Request>;
  struct Place {
    RequestPtr request;
    std::size_t at;
  };

  void schedule();
  void flush();
  void send(const std::string& job, std::vector<Place> places);
  void answered(const std::string& job, const std::vector<Place>& places,
                const std::vector<std::size_t>& order, Result<redis::Reply> reply);
  void answer(const Place& place, char letter, bool unknown);
  void retry_later(std::vector<Place> places);

  async::Executor executor_;
  store::JobStore& store_;
  std::string engine_;
  std::function<store::BillingDay()> today_;
  metrics::Sheet& sheet_;
  const metrics::Histogram batch_size_;
  const metrics::Histogram call_seconds_;
  OnAnswer on_answer_;
  std::vector<Place> queue_;
  std::deque<RecentStep> recent_;
  std::size_t outstanding_ = 0;
  bool scheduled_ = false;
  bool held_ = false;
  bool given_up_ = false;
  async::Timer retry_timer_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  std::uint64_t calls_ = 0;
  std::uint64_t steps_ = 0;
};

}  // namespace hongyan::engine
