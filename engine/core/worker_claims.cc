// How a worker comes by its work: whose turn it is, which chunk, and what it holds of it.
#include "base/log.h"
#include "engine/core/worker.h"

#include <algorithm>

namespace hongyan::engine {
namespace {

using namespace std::chrono_literals;

// Recipients a worker holds at most; the rest waits in Redis.
constexpr std::size_t kMostHeld = 6000;
constexpr std::size_t kMostHeldPerJob = 4096;
constexpr auto kIdle = 20ms;

}  // namespace

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
    HeldJob& holder = *again->second;
    if (HeldChunk* chunk = hold(holder, group, std::move(**claimed)))
      tasks_.spawn(admit(holder, *chunk));
    co_return true;
  }
  co_return false;
}

HeldChunk* Worker::hold(HeldJob& job, const std::string& group, store::ClaimedChunk claimed) {
  auto chunk = Chunk::unpack(claimed.data);
  if (!chunk) {
    log::error("bad-chunk",
               {{"job", job.plan->id}, {"chunk", claimed.number}, {"what", chunk.error().detail}});
    return nullptr;  // the lease runs out; nothing is lost
  }
  auto held = std::make_unique<HeldChunk>();
  held->number = claimed.number;
  held->epoch = claimed.epoch;
  held->group = group;
  held->claimed_at_ms = claimed.claimed_at_ms;
  held->chunk = std::move(*chunk);
  log::debug("chunk-claimed", {{"job", job.plan->id},
                               {"chunk", job.plan->id + "/" + std::to_string(claimed.number)},
                               {"epoch", claimed.epoch}});
  std::map<std::uint32_t, store::Wait> waits;
  for (const store::Wait& wait : claimed.waits) waits.emplace(wait.index, wait);
  const SteadyTime now = std::chrono::steady_clock::now();
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
  }
  job.nowhere_seen.add_claimed(group, never_tried);
  held->open = held->deliveries.size();
  held_ += held->open;
  job.held += held->open;
  const std::pair key(held->number, held->epoch);
  return job.chunks.emplace(key, std::move(held)).first->second.get();
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

}  // namespace hongyan::engine
