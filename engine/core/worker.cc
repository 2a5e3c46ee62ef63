#include "engine/core/worker.h"

#include "base/log.h"
#include "engine/core/routing.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>

namespace hongyan::engine {
namespace {

using namespace std::chrono_literals;

// Recipients a worker holds at most; the rest waits in Redis.
constexpr std::size_t kMostHeld = 6000;
constexpr std::size_t kMostHeldPerJob = 4096;
// ... of which domains that take no mail may have so many.
constexpr std::size_t kMostNowhere = 1024;
constexpr auto kIdle = 20ms;

}  // namespace

Worker::Worker(Options options)
    : options_(std::move(options)),
      executor_(io_.get_executor()),
      client_(executor_, options_.redis),
      jobs_store_(client_),
      lane_store_(jobs_store_),
      sheet_(*options_.registry),
      log_(options_.config->local.log.outcomes),
      settler_(executor_, jobs_store_, options_.engine, options_.today,
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
  desk_ = std::make_unique<LaneDesk>(executor_, options_.config, settler_, lane_store_, log_,
                                     stats_, sheet_, options_.classifier,
                                     [this](BulkDelivery& delivery) { gone(delivery); });
  client_.on_connected([this](std::string_view run_id, std::uint64_t epoch) {
    const bool same = !run_id.empty() && run_id == redis_run_;
    redis_run_ = std::string(run_id);
    if (epoch <= 1 || same) return;
    // Another Redis process: it may have lost the last writes it acknowledged.
    settler_.hold();
    tasks_.spawn(replay());
  });
  (void)co_await client_.connect(async::Deadline::in(5s));
  tasks_.spawn(claim_loop());
  tasks_.spawn(lease_loop());
  tasks_.spawn(upkeep_loop());

  while (!draining_) co_await work_.wait_until(async::Deadline::in(1s).at);
  desk_->drain();
  for (auto& [id, job] : jobs_) {
    job->may_send = false;
    desk_->give_back_job(*job);
  }
  for (auto& [domain, waiting] : unresolved_) {
    auto taken = std::move(waiting);
    waiting.clear();
    for (BulkDelivery* delivery : taken) desk_->give_back(*delivery);
  }
  while (!hurried_ && (desk_->connections() > 0 || !settler_.idle()))
    co_await async::sleep_for(5ms);
  co_await desk_->stop();
  const SteadyTime give_up = async::Deadline::in(2s).at;
  while (!settler_.idle() && std::chrono::steady_clock::now() < give_up)
    co_await async::sleep_for(5ms);
  co_await tasks_.stop();
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

// --- claiming ------------------------------------------------------------------------------------

async::Task<> Worker::claim_loop() {
  while (!tasks_.stopping()) {
    bool claimed = false;
    if (!draining_ && client_.connected() && held_ < kMostHeld) claimed = co_await claim_one();
    if (!claimed) co_await work_.wait_until(async::Deadline::in(kIdle).at);
  }
}

bool Worker::wants(const HeldJob& job, const DueGroup& group) const {
  if (group.due <= 0) return false;
  if (group.domain == "*") return true;
  const auto route = resolver_->find_route(group.domain, std::chrono::steady_clock::now());
  if (!route) return true;
  if (!*route) return job.nowhere.size() < kMostNowhere;
  return !desk_->is_full(*job.plan, ***route);
}

std::size_t Worker::draw(const HeldJob& job, const std::vector<std::size_t>& candidates) {
  std::int64_t chunks = 0;
  for (const std::size_t i : candidates) chunks += job.groups[i].due;
  auto at = std::uniform_int_distribution<std::int64_t>(0, chunks - 1)(random_);
  for (const std::size_t i : candidates)
    if ((at -= job.groups[i].due) < 0) return i;
  return candidates.back();
}

// Claims a chunk for the job whose turn it is. False: nothing to claim now.
async::Task<bool> Worker::claim_one() {
  for (std::size_t tries = turns_.size(); tries > 0; --tries) {
    const auto number = turns_.next();
    if (!number) co_return false;
    const auto found = std::ranges::find_if(
        jobs_, [&](const auto& entry) { return entry.second->plan->number == *number; });
    if (found == jobs_.end()) {
      turns_.remove(*number);
      continue;
    }
    HeldJob& job = *found->second;
    std::vector<std::size_t> candidates;
    for (std::size_t i = 0; i < job.groups.size(); ++i)
      if (wants(job, job.groups[i])) candidates.push_back(i);
    if (candidates.empty() || job.held >= kMostHeldPerJob || !job.may_send) {
      turns_.remove(*number);  // the next update brings it back
      continue;
    }
    const std::size_t pick = draw(job, candidates);
    const std::string id = job.plan->id;
    const std::string group = job.groups[pick].id;
    --job.groups[pick].due;
    turns_.charge(*number, 1);
    const double chance = std::uniform_real_distribution<double>(0, 1)(random_);
    auto claimed = co_await jobs_store_.claim(id, options_.engine, group, lease(), chance);
    const auto again = jobs_.find(id);
    if (!claimed || again == jobs_.end()) co_return false;
    if (!*claimed) {
      for (auto& one : again->second->groups)
        if (one.id == group) one.due = 0;
      continue;
    }
    hold(*again->second, group, std::move(**claimed));
    co_return true;
  }
  co_return false;
}

void Worker::hold(HeldJob& job, const std::string& group, store::ClaimedChunk claimed) {
  auto chunk = Chunk::unpack(claimed.data);
  if (!chunk) {
    log::error("bad-chunk",
               {{"job", job.plan->id}, {"chunk", claimed.number}, {"what", chunk.error().detail}});
    return;  // the lease runs out; nothing is lost
  }
  auto held = std::make_unique<HeldChunk>();
  held->number = claimed.number;
  held->epoch = claimed.epoch;
  held->group = group;
  held->claimed_at_ms = claimed.claimed_at_ms;
  held->chunk = std::move(*chunk);
  std::map<std::uint32_t, store::Wait> waits;
  for (const store::Wait& wait : claimed.waits) waits.emplace(wait.index, wait);
  const SteadyTime now = std::chrono::steady_clock::now();
  std::vector<BulkDelivery*> fresh;
  std::size_t never_tried = 0;
  const std::size_t count = std::min(claimed.states.size(), held->chunk.recipients().size());
  for (std::uint32_t i = 0; i < count; ++i) {
    if (claimed.states[i] != 'c') continue;
    BulkDelivery& delivery = held->deliveries.emplace_back(job, *held, i);
    delivery.claimed_at = now;
    if (const auto at = waits.find(i); at != waits.end()) {
      delivery.attempts = at->second.attempts;
      delivery.first_attempt_ms = at->second.first_attempt_ms;
    }
    if (delivery.first_attempt_ms == 0) ++never_tried;
    fresh.push_back(&delivery);
  }
  job.nowhere_seen.add_claimed(group, never_tried);
  held->open = fresh.size();
  held_ += fresh.size();
  job.held += fresh.size();
  const std::pair key(held->number, held->epoch);
  job.chunks.emplace(key, std::move(held));
  std::ranges::shuffle(fresh, random_);
  for (BulkDelivery* delivery : fresh) place(*delivery);
}

void Worker::gone(BulkDelivery& delivery) {
  HeldJob& job = *delivery.job;
  const auto at = job.chunks.find({delivery.chunk->number, delivery.chunk->epoch});
  delivery.settled = true;
  --held_;
  // Its turn was taken from a job that held as many as one job may.
  if (--job.held == kMostHeldPerJob / 2 && job.may_send && !job.groups.empty())
    turns_.add(job.plan->tenant_number, job.plan->number, job.plan->priority);
  if (--delivery.chunk->open == 0) {
    if (at != job.chunks.end()) job.chunks.erase(at);
    if (held_ < kMostHeld) work_.notify_all();
  }
  bounce_nowhere(job);
}

// --- routes --------------------------------------------------------------------------------------

void Worker::place(BulkDelivery& delivery) {
  delivery.relay = desk_->relay_for(*delivery.job->plan);
  const std::string domain = delivery.relay.empty() ? std::string(delivery.recipient().domain())
                                                    : relay_name(delivery.relay);
  if (auto found = resolver_->find_route(domain, std::chrono::steady_clock::now())) {
    place_routed(delivery, *found);
    return;
  }
  auto& waiting = unresolved_[domain];
  waiting.push_back(&delivery);
  if (waiting.size() == 1) tasks_.spawn(resolve(domain));
}

async::Task<> Worker::resolve(std::string domain) {
  const auto found = co_await resolver_->route(domain);
  if (resolver_->lacks_policy(domain) && !draining_) tasks_.spawn(resolver_->learn_policy(domain));
  const auto at = unresolved_.find(domain);
  if (at == unresolved_.end()) co_return;
  const auto waiting = std::move(at->second);
  unresolved_.erase(at);
  for (BulkDelivery* delivery : waiting) place_routed(*delivery, found);
}

void Worker::place_routed(BulkDelivery& delivery, const dns::Resolver::Found& found) {
  if (draining_ || !delivery.job->may_send) {
    desk_->give_back(delivery);
    return;
  }
  if (found) {
    delivery.route = *found;
    desk_->add(delivery);
    return;
  }
  const std::string reason = std::string(found.error().code) + ": " + found.error().detail;
  if (dns::is_permanent(found.error())) {
    // A domain that cannot receive is an invalid address; one we refuse to reach is not its fault.
    if (found.error().code == "forbidden-address") {
      desk_->conclude_unsent(delivery, store::Settlement::kBounced, store::Evidence::kNone, "",
                             reason);
      return;
    }
    delivery.nowhere = reason;
    delivery.job->nowhere_seen.add_nowhere(delivery.chunk->group);
    delivery.job->nowhere.push_back(&delivery);
  } else {
    desk_->defer_unsent(delivery, "", reason);
  }
}

// Bounces those whose domain takes no mail when it is their turn: all of them when nobody else is
// left to wait for.
void Worker::bounce_nowhere(HeldJob& job) {
  if (job.nowhere.empty() || !job.may_send || draining_) return;
  const bool alone = job.held == job.nowhere.size();
  const bool last = alone && (job.untried == 0 || job.held >= kMostNowhere);
  const std::size_t allowed = last ? job.nowhere_bounced + job.nowhere.size()
                                   : NowhereShare::allowance(job.nowhere_share, job.answered);
  while (!job.nowhere.empty() && job.nowhere_bounced < allowed) {
    BulkDelivery& delivery = *job.nowhere.front();
    job.nowhere.pop_front();
    ++job.nowhere_bounced;
    desk_->conclude_unsent(delivery, store::Settlement::kBounced, store::Evidence::kInvalidAddress,
                           "", delivery.nowhere);
  }
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
  while (!tasks_.stopping()) {
    const SteadyTime due = async::Deadline::in(1s).at;
    co_await async::sleep_until(due);
    stats_.loop_lag_seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - due).count();
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
