#pragma once

#include "base/async/task_group.h"
#include "base/random.h"
#include "engine/answer/classifier.h"
#include "engine/config/config.h"
#include "engine/core/bulk_delivery.h"
#include "engine/core/lane_entry.h"
#include "engine/core/outcome_log.h"
#include "engine/core/settler.h"
#include "engine/core/worker_stats.h"
#include "engine/smtp/connection.h"
#include "engine/smtp/feed.h"
#include "engine/smtp/tls.h"
#include "engine/tlsrpt/tally.h"
#include "metrics/registry.h"
#include "scheduler/lane_table.h"
#include "scheduler/proxy_watch.h"
#include "store/lane_store.h"
#include "store/warmup_store.h"

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace hongyan::engine {

// The lanes of one worker and the connections that empty them.
//
// A lane (provider × source) decides when the next message may start; within it, deliveries are
// sorted by route, for a connection leads to one MX set. The desk opens as many connections as the
// lane wants, feeds them, concludes from their outcomes what to settle, and keeps the pace stored.
//
// Owner: Worker. Thread: its own.
class LaneDesk {
 public:
  // Called when a delivery has left this worker: settled, given back or lost.
  using OnGone = std::function<void(BulkDelivery&)>;

  LaneDesk(async::Executor executor, std::shared_ptr<const config::Config> config, Settler& settler,
           store::LaneStore& store, store::WarmupStore& warmups,
           std::function<store::BillingDay()> today, OutcomeLog& log, WorkerStats& stats,
           metrics::Sheet& sheet, tlsrpt::Tally& tally,
           std::shared_ptr<const answer::Classifier> classifier, OnGone on_gone);
  ~LaneDesk();

  // What came back by mail for messages of a source this worker owns (lane_late.cc).
  void note_late(const store::LateSigns& signs);

  // The sources this worker owns now.
  void set_sources(std::vector<std::string> sources);
  bool has_source(const std::vector<std::string>& wanted) const;
  // The source whose smart host takes the job's messages; empty: one of its sources sends itself.
  std::string relay_for(const JobPlan& plan) const;

  // A claimed delivery whose route is known joins the lane that has most room for it.
  void add(BulkDelivery& delivery);
  // Whether the lanes for this route are paused, or have as much as they can send soon.
  bool is_full(const JobPlan& plan, const dns::Route& route) const;

  // Settles a delivery that never got onto the wire. `reply` goes into the report.
  void conclude_unsent(BulkDelivery& delivery, store::Settlement settlement,
                       store::Evidence evidence, std::string_view provider,
                       const std::string& reply);
  void defer_unsent(BulkDelivery& delivery, std::string_view provider, const std::string& reply);
  // Back to Redis without an attempt.
  void give_back(BulkDelivery& delivery);
  // Back to Redis for as long as its lane is paused; expired when that has lasted too long.
  void postpone(BulkDelivery& delivery, std::int64_t not_before_ms, std::string_view provider,
                const std::string& reason);
  // Everything of the job that waits goes back to Redis.
  void give_back_job(HeldJob& job);
  // Parked deliveries whose turn has come go on.
  void unpark(HeldJob& job);

  // No new message starts; connections finish what is on the wire.
  void drain();
  async::Task<> stop();
  std::size_t connections() const { return connections_; }
  // What operators see of each lane, `oldest` by provider and source.
  using Oldest = std::map<std::pair<std::string, std::string>, double>;
  std::vector<LaneView> views(const Oldest& oldest);
  // Once a second: postpones what cannot be sent soon, stores changed paces, drops idle lanes.
  void upkeep();

 private:
  class Feed;
  LaneEntry& entry_of(const scheduler::LaneKey& key, bool named);
  scheduler::Lane& lane_of(LaneEntry& entry);
  scheduler::LaneLimits limits_for(const scheduler::LaneKey& key, bool named) const;
  void pump(LaneEntry& entry);
  void wake_all();
  void announce_mode(const LaneEntry& entry, const scheduler::Lane& lane);
  BulkDelivery* take(LaneEntry& entry, RouteQueue& queue);
  bool start(LaneEntry& entry, BulkDelivery& delivery);
  RouteQueue& queue_for(LaneEntry& entry, const dns::RoutePtr& route);

  // Whether the delivery may join a lane now; if not, its channel's gate keeps it.
  bool admit(BulkDelivery& delivery);
  // It left its lane, started or not.
  void leave_lane(BulkDelivery& delivery);
  ChannelGate* gate_of(const JobPlan& plan);
  // Lets those in whom the tokens at hand allow, and asks for more.
  void open_gate(const std::string& channel, ChannelGate& gate);
  async::Task<> ask_channel_tokens(std::string channel, std::int64_t wanted);

  // Whether nothing more can start soon: paused, the day's cap is sent, or the source rests; since
  // when it may again.
  std::optional<SteadyTime> shut_until(const std::string& source, const scheduler::Lane& lane,
                                       SteadyTime now) const;
  static std::string shut_because(const LaneEntry& entry, const scheduler::Lane& lane,
                                  SteadyTime now);
  // Takes out what waits in a lane that is shut: to another source, or back to Redis.
  void clear(LaneEntry& entry, scheduler::Lane& lane, SteadyTime until,
             std::vector<BulkDelivery*>& elsewhere);

  // Signs of a source that warms up. `words`: what a refusal itself says, whatever the dialogue
  // makes of it.
  void note_answer(LaneEntry& entry, const scheduler::Ruling& ruling);
  void note_refusal(LaneEntry& entry, const scheduler::LaneReaction& words);
  void lease_warmup(LaneEntry& entry, scheduler::Lane& lane, SteadyTime now);
  void tell_warmup(LaneEntry& entry, scheduler::Lane& lane, SteadyTime now);
  void ask_warmup(LaneEntry& entry, std::int64_t wanted, std::int64_t returned);
  async::Task<> run_warmup(scheduler::LaneKey key, store::WarmupStore::Ask ask);

  // Weighs what came back, and keeps the counts it is weighed with: mail comes back when a lane has
  // long been idle.
  void weigh_late(LaneEntry& entry, scheduler::Lane& lane, SteadyTime now);
  static void restore_breaker(LaneEntry& entry, scheduler::Lane& lane,
                              const std::map<std::string, std::string>& fields);
  // The lane's name in return paths; empty: it has none.
  async::Task<std::string> ref_of(scheduler::LaneKey key, bool named);

  // How many more connections may be opened for a lane.
  int connection_room(LaneEntry& entry, SteadyTime now);
  void open_connection(LaneEntry& entry, RouteQueue& queue);
  bool is_capped(const LaneEntry& entry) const;
  // Whether something is ready for a route that has no connection.
  static bool is_stranded(const LaneEntry& entry);
  // Whether a connection should make room for another lane of its source.
  bool must_yield(const LaneEntry& entry);
  // What a lane can send soon; the rest waits in Redis.
  static std::size_t backlog_limit(const scheduler::Lane& lane, SteadyTime now);
  static std::size_t gate_limit(const scheduler::RateGate& gate);
  void shed(LaneEntry& entry, scheduler::Lane& lane);
  void shed(ChannelGate& gate);

  async::Task<> tick();
  async::Task<> load_pace(std::string provider, std::string source, bool named);
  async::Task<> ask_tokens(std::string provider, std::string source, std::int64_t wanted);
  smtp::Target target_for(const LaneEntry& entry, const dns::Route& route,
                          const dns::Target& target) const;
  // Every address the source can reach, by preference; those that failed lately come last.
  std::vector<dns::Target> targets_of(const LaneEntry& entry, const RouteQueue& queue);
  // `first`: the domain and the route that it is opened for.
  struct OpenedFor {
    std::string domain;
    dns::RoutePtr route;
  };
  async::Task<> run_connection(LaneEntry* entry, RouteQueue* queue, OpenedFor first);
  // What an opening says of the source's proxy (lane_proxy.cc). The word it is counted under:
  // "ready", "failed", or where nobody blames the receiver "proxy_failed", "proxy_silent".
  std::string_view heed_proxy(const LaneEntry& entry, const dns::Target& target,
                              const smtp::OpenFailure* failure, std::string_view cause);
  // Set while the source rests because of its proxy.
  std::optional<SteadyTime> resting_until(const std::string& source, SteadyTime now) const;
  // What was ready for a route goes back to the lanes: it was no attempt.
  void wait_for_proxy(LaneEntry& entry, RouteQueue& queue);
  // Counts an opening for TLS reports (RFC 8460), unless it was of a relay, a static route or for
  // such a report.
  void count_tls(const LaneEntry& entry, const OpenedFor& first, const dns::Target& target,
                 const smtp::Connection& connection, const smtp::OpenFailure* failure);
  // `ours`: nobody blames the receiver.
  void route_failed(LaneEntry& entry, RouteQueue& queue, const std::string& cause,
                    const std::optional<scheduler::LaneReaction>& refusal, bool ours);

  // What an outcome means: what its words say, within what the dialogue allows.
  struct Conclusion {
    scheduler::Ruling ruling;
    scheduler::LaneReaction words;  // what the reply's words alone ask of the lane
    std::string_view group;         // of a refusal; empty: none
    bool suppress = false;          // no mail to this address again
  };
  Conclusion judge(const LaneEntry& entry, const smtp::RecipientOutcome& outcome) const;
  // What to settle for an outcome; nothing: the delivery goes on. `close`: this connection has had
  // as many messages as the receiver wants on one.
  std::optional<SettleStep> conclude(LaneEntry& entry, const smtp::Settled& settled,
                                     std::string_view host, bool& close);
  // A 421 ended a connection.
  void hear_farewell(LaneEntry& entry, const smtp::ConnectionEnd& end);
  void count_refusal(LaneEntry& entry, std::string_view group, std::string_view reply);
  // Whether another source of the job's, not paused for this provider, may try instead.
  bool has_other_source(const LaneEntry& entry, const BulkDelivery& delivery);
  std::optional<SettleStep> deferral(BulkDelivery& delivery, store::Evidence evidence,
                                     const std::string& reply);
  SettleStep step_for(const BulkDelivery& delivery) const;
  static void tell(SettleStep& step, const BulkDelivery& delivery, std::string_view provider,
                   std::string_view host, int attempts, const std::string& reply,
                   std::string_view group = {});
  void submit(BulkDelivery& delivery, SettleStep step);
  void count(const JobPlan& plan, std::string_view source, std::string_view provider,
             std::string_view outcome);
  void log_outcome(const BulkDelivery& delivery, std::string_view provider,
                   std::string_view outcome, std::string_view host, std::string_view reply,
                   const double (&delays)[4]);
  void gone(BulkDelivery& delivery);
  static void leave_connection(BulkDelivery& delivery);
  void unstart(LaneEntry& entry, BulkDelivery& delivery);
  std::unique_ptr<message::Rendered> take_buffers();

  // Tokens are used at once or not at all, so that a grant of one second is not spent in another.
  static constexpr std::chrono::seconds kTokenLife{1};
  // A lane that is paused for longer gives its deliveries back to Redis.
  static constexpr std::chrono::seconds kShortPause{5};

  async::Executor executor_;
  std::shared_ptr<const config::Config> config_;
  Settler& settler_;
  store::LaneStore& store_;
  store::WarmupStore& warmups_;
  std::function<store::BillingDay()> today_;
  OutcomeLog& log_;
  WorkerStats& stats_;
  metrics::Sheet& sheet_;
  tlsrpt::Tally& tally_;
  std::array<metrics::Histogram, 4> phases_;
  std::shared_ptr<const answer::Classifier> classifier_;
  OnGone on_gone_;
  mutable Random random_{std::random_device{}()};
  smtp::TlsContexts tls_;
  scheduler::LaneTable table_;
  std::unordered_map<scheduler::LaneKey, std::unique_ptr<LaneEntry>, scheduler::LaneKeyHash>
      entries_;
  std::vector<std::string> sources_;
  std::map<std::string, ChannelGate> gates_;              // of channels with rates
  std::map<std::string, int> connection_caps_;            // by source, of channels with a limit
  std::map<std::string, int> connections_of_sources_;     // of capped sources only
  std::map<std::string, scheduler::ProxyWatch> proxies_;  // by source, of those that have one
  std::set<std::string> named_refs_;                      // lanes that the store knows by their ref
  std::size_t turn_ = 0;                                  // whose lane is served first
  std::vector<std::unique_ptr<message::Rendered>> spare_buffers_;
  std::size_t connections_ = 0;
  bool draining_ = false;
  async::TaskGroup tasks_;
};

}  // namespace hongyan::engine
