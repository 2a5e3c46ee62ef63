#pragma once

#include "base/async/task_group.h"
#include "engine/core/billing_calendar.h"
#include "engine/core/hold_watch.h"
#include "engine/core/job_book.h"
#include "engine/core/retention.h"
#include "engine/core/worker.h"
#include "store/job_store.h"
#include "store/lane_store.h"
#include "store/money_store.h"
#include "store/suppression.h"

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace hongyan::engine {

// What /metrics, /readyz and `status` show of the whole, as of the last round.
struct Overview {
  std::map<std::pair<std::string, std::string>, std::int64_t> recipients;  // channel, state
  std::map<std::string, std::int64_t> jobs;                                // state
  std::map<std::string, std::int64_t> trips;                               // channel, since start
  std::map<std::string, std::int64_t> due_chunks;                          // channel
  std::map<std::string, std::pair<std::int64_t, std::int64_t>> evidence;   // channel: n, bad
  double rollup_lag_seconds = 0;
  double memory_ratio = 0;  // of maxmemory; 0: no limit
};

// Looks after every active job some times a second: moves its state on with time, lends it money,
// rolls its charges up, publishes its events, tells the workers what may be sent, and closes it
// when it has ended. Every engine does this for every job; each step is idempotent, so they need
// not agree on who does.
//
// Also keeps the ownership of this engine's sources and its heartbeat.
//
// Owner: the engine. Thread: the control thread.
class Supervisor {
 public:
  struct Options {
    std::shared_ptr<const config::Config> config;
    std::shared_ptr<const DkimKeys> keys;
    std::string engine;
    std::function<bool()> may_take;  // ready to work: configuration agrees, not draining
    std::function<std::string(std::int64_t at_ms)> heartbeat;
    std::function<std::string()> lanes;  // lanes_json()
    std::string secret;                  // store/secret.h
    metrics::Registry* registry = nullptr;
  };

  Supervisor(async::Executor executor, Options options, redis::Client& client,
             std::vector<Worker*> workers);

  async::Task<> run(const async::TaskGroup& owner);
  async::Task<> release_sources();

  const Overview& overview() const { return overview_; }
  const HoldWatch& hold() const { return hold_; }
  // Every source of the fleet: whether a live engine has it. Empty until Redis was asked.
  const std::map<std::string, bool>& sources_owned() const { return sources_owned_; }
  // Of maxmemory: intake and planning stop at 80 %, new marks at 95 %. Safe from any thread.
  bool room_for_intake() const { return memory_ratio_.load() < 0.80; }

 private:
  struct Watched {
    std::int64_t rolled_seq = -1;  // charge_seq that the ledger has; -1: unknown
    std::int64_t published = -1;   // events_emitted that was pumped
    SteadyTime lag_since{};
    SteadyTime next_lend{};
    bool tripped = false;
  };

  async::Task<> round();
  async::Task<bool> look_after(std::string id, std::vector<JobUpdate>& updates);
  async::Task<> lend(std::string id, const store::JobView& view, Watched& watched);
  async::Task<> roll_up(std::string id, const store::JobView& view, Watched& watched);
  async::Task<> publish(std::string id, const store::JobView& view, Watched& watched);
  async::Task<Result<int>> publish_page(std::string id, std::string tenant);
  async::Task<bool> close(std::string id, const store::JobView& view);
  async::Task<> slow_round();
  async::Task<> look_at_memory();
  void count(const store::JobView& view);
  // A source belongs to one worker, whoever else owns what.
  Worker& worker_of(const std::string& source) const { return *workers_[worker_number(source)]; }
  std::size_t worker_number(const std::string& source) const;

  async::Executor executor_;
  Options options_;
  store::JobStore store_;
  store::MoneyStore money_;
  store::LaneStore lanes_;
  store::SuppressionStore suppressions_;
  HoldWatch hold_;
  JobBook book_;
  Retention retention_;
  std::vector<Worker*> workers_;
  std::map<std::string, Watched> watched_;
  std::map<std::string, SteadyTime> sources_;  // owned until
  std::map<std::string, bool> sources_owned_;
  SteadyTime next_ownership_look_{};
  bool first_round_ = true;
  metrics::Sheet sheet_;
  const metrics::Histogram probe_seconds_;
  Overview overview_;
  Overview next_;
  std::atomic<double> memory_ratio_{0};
};

}  // namespace hongyan::engine
