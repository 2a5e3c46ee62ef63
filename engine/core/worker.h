#pragma once

#include "engine/config/config.h"
#include "engine/core/bulk_delivery.h"
#include "engine/core/lane_desk.h"
#include "engine/core/outcome_log.h"
#include "engine/core/routing.h"
#include "engine/core/settler.h"
#include "engine/core/worker_stats.h"
#include "engine/tlsrpt/tally.h"
#include "scheduler/fair_queue.h"
#include "store/job_store.h"
#include "store/lane_store.h"
#include "store/redis/client.h"
#include "store/suppression.h"
#include "store/tls_sessions.h"

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace hongyan::engine {

// What the control thread tells a worker of a job, some times a second.
struct JobUpdate {
  std::shared_ptr<const JobPlan> plan;
  bool may_send = false;  // runs, inside its window, memory to spare
  std::int64_t out = 0;
  std::int64_t allowed_out = 50;
  std::int64_t untried = 0;      // recipients in nobody's hands and without an answer
  std::vector<DueGroup> groups;  // with something due
};

// Sends: claims chunks, finds routes, feeds lanes, settles. Shares nothing with other workers; what
// crosses threads are values posted to its loop. A source belongs to one worker, so do its lanes.
//
// Thread: its own, from start() to join(). The methods may be called from any thread.
class Worker {
 public:
  struct Options {
    std::shared_ptr<const config::Config> config;
    redis::ConnectOptions redis;
    std::string engine;  // id with the worker's number: owner of its leases
    std::function<store::BillingDay()> today;
    metrics::Registry* registry;
    std::shared_ptr<const answer::Classifier> classifier;
  };

  explicit Worker(Options options);
  ~Worker();

  // Before start(): makes ready what the configuration may have wrong.
  Result<void> open();
  void start();
  // The jobs there are now: one that is missing has ended.
  void update(std::vector<JobUpdate> jobs, std::vector<std::string> sources);
  // What came back by mail for messages of a source that this worker has.
  void note_late(std::vector<store::LateSigns> signs);
  // Stops claiming, gives back what is not on the wire, waits for what is; then the thread ends.
  void drain();
  // Does not wait for what is on the wire any longer.
  void hurry();
  void join();
  bool drained() const { return drained_.load(); }
  WorkerStats stats() const;

 private:
  async::Task<> run();
  async::Task<> claim_loop();
  async::Task<> lease_loop();
  async::Task<> upkeep_loop();
  async::Task<bool> claim_one();
  async::Task<> resolve(Way way);
  async::Task<> learn_policy(std::string domain);
  // A failure that RFC 8460 counts although no connection was opened.
  void count_tls_failure(const std::string& domain, tlsrpt::PolicyType policy,
                         std::string_view result, std::string_view reason);
  async::Task<> tls_loop();
  async::Task<> flush_tls();
  async::Task<> replay();
  async::Task<> give_up_settling();
  void apply_update(std::vector<JobUpdate> jobs, std::vector<std::string> sources);
  HeldChunk* hold(HeldJob& job, const std::string& group, store::ClaimedChunk claimed);
  // Looks for who of a chunk must get no mail, until there is an answer; the others are placed.
  async::Task<> admit(HeldJob& job, HeldChunk& chunk);
  async::Task<> suppression_loop();
  using Suppressed = std::vector<std::optional<store::Suppression>>;
  async::Task<Result<Suppressed>> look_up(const HeldJob& job,
                                          const std::vector<BulkDelivery*>& deliveries);
  dns::Resolver& resolver_of(const Way& way) { return way.lenient ? *lenient_ : *resolver_; }
  void place(BulkDelivery& delivery);
  void place_routed(BulkDelivery& delivery, const dns::Resolver::Found& found);
  void gone(BulkDelivery& delivery);
  void forget_if_empty(const std::string& job);
  Millis lease() const { return options_.config->local.engine.lease; }
  bool wants(const HeldJob& job, const DueGroup& group) const;
  // Which of the candidates, each as likely as it has chunks: the draw is one of recipients.
  std::size_t draw(const HeldJob& job, const std::vector<std::size_t>& candidates);
  void bounce_nowhere(HeldJob& job);
  void publish_stats();

  Options options_;
  async::net::io_context io_{1};
  async::Executor executor_;
  redis::Client client_;
  store::JobStore jobs_store_;
  store::LaneStore lane_store_;
  store::WarmupStore warmups_;
  store::SuppressionStore suppressions_;
  store::TlsSessions tls_sessions_;
  tlsrpt::Tally tally_;
  WorkerStats stats_;
  metrics::Sheet sheet_;
  OutcomeLog log_;
  Settler settler_;
  std::unique_ptr<dns::Resolver> resolver_;
  std::unique_ptr<dns::Resolver> lenient_;  // for TLS reports
  std::map<std::string, std::unique_ptr<HeldJob>> jobs_;
  scheduler::FairQueue turns_;
  std::map<Way, std::vector<BulkDelivery*>> unresolved_;
  // Recipients of a job in hand whose domains take no mail, at most.
  static constexpr std::size_t kMostNowhere = 1024;
  std::size_t held_ = 0;
  std::size_t admitting_ = 0;  // chunks whose addresses are being looked up
  Random random_{std::random_device{}()};
  std::string redis_run_;
  bool draining_ = false;
  bool hurried_ = false;
  async::Event work_;
  std::unique_ptr<LaneDesk> desk_;
  async::TaskGroup tasks_;

  mutable std::mutex published_mutex_;
  WorkerStats published_;
  std::atomic<bool> drained_{false};
  std::thread thread_;
};

}  // namespace hongyan::engine
