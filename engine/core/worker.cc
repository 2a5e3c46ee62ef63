#include "engine/core/worker.h"

#include "base/log.h"
#include "engine/core/routing.h"
#include "metrics/catalogue.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>

namespace hongyan::engine {

using namespace std::chrono_literals;

Worker::Worker(Options options)
    : options_(std::move(options)),
      executor_(io_.get_executor()),
      client_(executor_, options_.redis),
      jobs_store_(client_),
      lane_store_(jobs_store_),
      warmups_(jobs_store_),
      suppressions_(jobs_store_),
      tls_sessions_(jobs_store_),
      sheet_(*options_.registry),
      log_(options_.config->local.log.outcomes),
      settler_(executor_, jobs_store_, options_.engine, options_.today, sheet_,
               [this](const std::string& id, const store::CommitAnswer& answer) {
                 const auto at = jobs_.find(id);
                 if (at == jobs_.end()) return;
                 HeldJob& job = *at->second;
                 job.out = answer.out;
                 job.allowed_out = answer.allowed_out;
                 if (answer.state != "running") job.may_send = false;
                 if (!job.parked.empty()) desk_->unpark(job);
               }),
      work_(executor_),
      tasks_(executor_, "worker") {}

Worker::~Worker() {
  if (thread_.joinable()) {
    hurry();
    thread_.join();
  }
}

Result<void> Worker::open() {
  auto resolver = dns::Resolver::create(executor_, resolver_options(*options_.config));
  if (!resolver) return std::unexpected(resolver.error());
  resolver_ = std::move(*resolver);
  auto lenient = dns::Resolver::create(executor_, lenient_options(*options_.config));
  if (!lenient) return std::unexpected(lenient.error());
  lenient_ = std::move(*lenient);
  try {
    const smtp::TlsContexts readable(options_.config->local.smtp.ca_file);
  } catch (const std::exception& e) {
    return fail(Scope::kProcess, "tls-setup", std::string("smtp.ca_file: ") + e.what());
  }
  return {};
}

void Worker::start() {
  thread_ = std::thread([this] {
    async::net::co_spawn(executor_, run(), async::net::detached);
    io_.run();
  });
}

void Worker::join() {
  if (thread_.joinable()) thread_.join();
}

void Worker::update(std::vector<JobUpdate> jobs, std::vector<std::string> sources) {
  async::net::post(executor_,
                   [this, jobs = std::move(jobs), sources = std::move(sources)]() mutable {
                     apply_update(std::move(jobs), std::move(sources));
                   });
}

void Worker::note_late(std::vector<store::LateSigns> signs) {
  async::net::post(executor_, [this, signs = std::move(signs)] {
    if (!desk_ || draining_) return;
    for (const store::LateSigns& one : signs) desk_->note_late(one);
  });
}

void Worker::drain() {
  async::net::post(executor_, [this] {
    draining_ = true;
    if (desk_) desk_->drain();
    work_.notify_all();
  });
}

void Worker::hurry() {
  async::net::post(executor_, [this] {
    draining_ = hurried_ = true;
    work_.notify_all();
  });
}

WorkerStats Worker::stats() const {
  const std::lock_guard lock(published_mutex_);
  return published_;
}

async::Task<> Worker::run() {
  desk_ = std::make_unique<LaneDesk>(
      executor_, options_.config, settler_, lane_store_, warmups_, options_.today, log_, stats_,
      sheet_, tally_, options_.classifier, [this](BulkDelivery& delivery) { gone(delivery); });
  client_.on_connected([this](std::string_view run_id, std::uint64_t epoch) {
    const bool same = !run_id.empty() && run_id == redis_run_;
    redis_run_ = std::string(run_id);
    if (epoch <= 1 || same) return;
    // Another Redis process: it may have lost the last writes it acknowledged.
    settler_.hold();
    // Or much more: the supervisor says whether to go on.
    for (auto& [id, job] : jobs_) job->may_send = false;
    tasks_.spawn(replay());
  });
  (void)co_await client_.connect(async::Deadline::in(5s));
  tasks_.spawn(claim_loop());
  tasks_.spawn(lease_loop());
  tasks_.spawn(suppression_loop());
  tasks_.spawn(upkeep_loop());
  tasks_.spawn(tls_loop());

  while (!draining_) co_await work_.wait_until(async::Deadline::in(1s).at);
  desk_->drain();
  for (auto& [id, job] : jobs_) {
    job->may_send = false;
    desk_->give_back_job(*job);
  }
  for (auto& [way, waiting] : unresolved_) {
    auto taken = std::move(waiting);
    waiting.clear();
    for (BulkDelivery* delivery : taken) desk_->give_back(*delivery);
  }
  while (!hurried_ && (admitting_ > 0 || desk_->connections() > 0 || !settler_.idle()))
    co_await async::sleep_for(5ms);
  co_await desk_->stop();
  const SteadyTime give_up = async::Deadline::in(2s).at;
  while (!settler_.idle() && std::chrono::steady_clock::now() < give_up)
    co_await async::sleep_for(5ms);
  co_await tasks_.stop();
  co_await flush_tls();
  co_await client_.close();
  log_.flush();
  publish_stats();
  drained_ = true;
  io_.stop();
}

void Worker::apply_update(std::vector<JobUpdate> jobs, std::vector<std::string> sources) {
  if (!desk_ || draining_) return;
  desk_->set_sources(std::move(sources));
  std::map<std::string, bool> present;
  for (JobUpdate& update : jobs) {
    present[update.plan->id] = true;
    auto& slot = jobs_[update.plan->id];
    if (!slot) slot = std::make_unique<HeldJob>();
    HeldJob& job = *slot;
    job.plan = std::move(update.plan);
    const bool stopped = job.may_send && !update.may_send;
    job.may_send = update.may_send && desk_->has_source(job.plan->sources);
    job.groups = std::move(update.groups);
    job.untried = update.untried;
    job.nowhere_share = job.nowhere_seen.share(job.groups);
    if (job.marked == 0) {
      job.out = update.out;
      job.allowed_out = update.allowed_out;
    }
    if (stopped || !job.may_send) {
      desk_->give_back_job(job);
    } else {
      desk_->unpark(job);
      bounce_nowhere(job);
    }
    if (job.may_send && !job.groups.empty()) {
      turns_.add(job.plan->tenant_number, job.plan->number, job.plan->priority);
    } else {
      turns_.remove(job.plan->number);
    }
  }
  std::vector<std::string> ended;
  for (auto& [id, job] : jobs_)
    if (!present.contains(id)) {
      job->may_send = false;
      turns_.remove(job->plan->number);
      desk_->give_back_job(*job);
      ended.push_back(id);
    }
  for (const std::string& id : ended) forget_if_empty(id);
  work_.notify_all();
}

void Worker::forget_if_empty(const std::string& id) {
  const auto at = jobs_.find(id);
  if (at != jobs_.end() && at->second->chunks.empty()) jobs_.erase(at);
}

// --- leases --------------------------------------------------------------------------------------

async::Task<> Worker::lease_loop() {
  while (!tasks_.stopping()) {
    co_await async::sleep_for(lease() / 4);
    std::vector<std::string> ids;
    for (const auto& [id, job] : jobs_) ids.push_back(id);
    for (const std::string& id : ids) {
      std::vector<std::pair<std::uint64_t, std::uint64_t>> held;
      if (const auto at = jobs_.find(id); at != jobs_.end())
        for (const auto& [key, chunk] : at->second->chunks) held.push_back(key);
      if (held.empty()) continue;
      const auto kept = co_await jobs_store_.extend(id, options_.engine, lease(), held);
      const auto at = jobs_.find(id);
      if (!kept || at == jobs_.end()) continue;
      for (std::size_t i = 0; i < kept->size() && i < held.size(); ++i) {
        if ((*kept)[i]) continue;
        const auto chunk = at->second->chunks.find(held[i]);
        if (chunk != at->second->chunks.end()) chunk->second->lost = true;
      }
    }
  }
}

// Redis came back as another process: puts leases and marks back, then settles again what it
// acknowledged in its last seconds. All of it is idempotent.
async::Task<> Worker::replay() {
  struct Held {
    std::string job;
    std::uint64_t chunk, epoch;
    std::int64_t claimed_at;
    std::map<std::uint32_t, char> indexes;
  };
  std::map<std::tuple<std::string, std::uint64_t, std::uint64_t>, Held> all;
  for (const auto& [id, job] : jobs_) {
    for (const auto& [key, chunk] : job->chunks) {
      if (chunk->lost) continue;
      Held held{id, chunk->number, chunk->epoch, chunk->claimed_at_ms, {}};
      for (const BulkDelivery& delivery : chunk->deliveries)
        if (delivery.claimed_at != SteadyTime{} && !delivery.settled)
          held.indexes[delivery.index] = delivery.marked ? 'f' : 'c';
      all[{id, chunk->number, chunk->epoch}] = std::move(held);
    }
  }
  std::vector<SettleStep> again;
  const SystemClock clock;
  for (const RecentStep& recent : settler_.recent()) {
    const auto& step = recent.settled.step;
    auto& held = all[{recent.settled.job, step.chunk, step.epoch}];
    if (held.job.empty())
      held = {recent.settled.job, step.chunk, step.epoch, to_unix_ms(clock.wall()), {}};
    held.indexes[step.index] = 'c';
    again.push_back(recent.settled);
  }
  log::warning("redis-restarted", {{"chunks", all.size()}, {"settles", again.size()}});
  for (const auto& [key, held] : all) {
    std::vector<std::pair<char, std::uint32_t>> indexes;
    for (const auto& [index, state] : held.indexes) indexes.emplace_back(state, index);
    (void)co_await jobs_store_.restore(held.job, options_.engine, held.chunk, held.epoch, lease(),
                                       held.claimed_at, std::move(indexes));
  }
  settler_.resume();
  if (!again.empty()) (void)co_await settler_.commit(std::move(again));
}

// --- upkeep --------------------------------------------------------------------------------------

async::Task<> Worker::upkeep_loop() {
  const metrics::Histogram lag = sheet_.histogram(metrics::kEventLoopLagSeconds);
  while (!tasks_.stopping()) {
    const SteadyTime due = async::Deadline::in(1s).at;
    co_await async::sleep_until(due);
    sheet_.observe_since(lag, due);
    desk_->upkeep();
    publish_stats();
  }
}

void Worker::publish_stats() {
  sheet_.flush();
  const SteadyTime now = std::chrono::steady_clock::now();
  stats_.oldest_due.clear();
  LaneDesk::Oldest in_lanes;
  for (const auto& [id, job] : jobs_)
    for (const auto& [n, chunk] : job->chunks)
      for (const BulkDelivery& delivery : chunk->deliveries) {
        if (delivery.settled) continue;
        const std::string provider =
            delivery.route && delivery.route->named ? delivery.route->provider : "other";
        const double waited = std::chrono::duration<double>(now - delivery.claimed_at).count();
        double& oldest = stats_.oldest_due[{job->plan->channel, provider}];
        oldest = std::max(oldest, waited);
        if (!delivery.route || delivery.lane_source.empty()) continue;
        double& in_lane = in_lanes[{delivery.route->provider, delivery.lane_source}];
        in_lane = std::max(in_lane, waited);
      }
  if (desk_) stats_.lane_views = desk_->views(in_lanes);
  stats_.held = static_cast<std::int64_t>(held_);
  stats_.connections = static_cast<std::int64_t>(desk_ ? desk_->connections() : 0);
  stats_.settle_calls = settler_.calls();
  stats_.settle_steps = settler_.steps();
  stats_.settle_backlog = settler_.waiting();
  stats_.redis_commands = client_.stats().commands;
  stats_.redis_reconnects = client_.reconnects();
  if (resolver_) {
    stats_.dns_questions = resolver_->stats().questions;
    stats_.dns_failures = resolver_->stats().failures;
  }
  const std::lock_guard lock(published_mutex_);
  published_ = stats_;
}

}  // namespace hongyan::engine
