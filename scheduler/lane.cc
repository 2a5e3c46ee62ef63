#include "scheduler/lane.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <utility>

namespace hongyan::scheduler {
namespace {

constexpr std::int64_t kMinLease = 8;
constexpr std::int64_t kMaxLease = 2000;
// A connection is worth opening when it can send about this often.
constexpr double kSecondsPerMessage = 2;
constexpr Millis kBreakerPause = std::chrono::hours(1);

}  // namespace

Lane::Lane(LaneLimits limits, double time_scale)
    : limits_(std::move(limits)),
      pace_(limits_, time_scale),
      gate_(limits_.rates),
      warmup_(!limits_.warmup.empty()) {}

std::chrono::nanoseconds Lane::time_until_allowed(SteadyTime now) const {
  return std::max(pace_.time_until_allowed(now), gate_.time_until_allowed(now));
}

void Lane::push(TenantNumber tenant, JobNumber job, int priority, DeliveryHandle delivery) {
  std::deque<DeliveryHandle>& queue = queues_[job];
  if (queue.empty()) turns_.add(tenant, job, priority);
  queue.push_back(delivery);
  ++waiting_;
}

std::vector<DeliveryHandle> Lane::remove_job(JobNumber job) {
  const auto found = queues_.find(job);
  if (found == queues_.end()) return {};
  std::vector<DeliveryHandle> taken(found->second.begin(), found->second.end());
  waiting_ -= taken.size();
  queues_.erase(found);
  turns_.remove(job);
  return taken;
}

std::vector<DeliveryHandle> Lane::remove_beyond(std::size_t keep) {
  std::vector<DeliveryHandle> taken;
  while (waiting_ > keep) {
    for (auto at = queues_.begin(); at != queues_.end() && waiting_ > keep;) {
      taken.push_back(at->second.back());
      at->second.pop_back();
      --waiting_;
      if (!at->second.empty()) {
        ++at;
        continue;
      }
      turns_.remove(at->first);
      at = queues_.erase(at);
    }
  }
  return taken;
}

bool Lane::can_start(SteadyTime now) const {
  return waiting_ > 0 && pace_.time_until_allowed(now) == std::chrono::nanoseconds{0} &&
         gate_.may_take(now) && warmup_.may_take(now);
}

std::optional<Lane::Next> Lane::pop(SteadyTime now) {
  if (!can_start(now)) return std::nullopt;
  const JobNumber job = *turns_.next();
  const auto queue = queues_.find(job);
  const DeliveryHandle delivery = queue->second.front();
  queue->second.pop_front();
  turns_.charge(job, 1);
  if (queue->second.empty()) {
    queues_.erase(queue);
    turns_.remove(job);
  }
  gate_.take(now);
  warmup_.take(now);
  pace_.started(now);
  --waiting_;
  ++in_flight_;
  return Next{delivery, job};
}

std::optional<SteadyTime> Lane::next_wakeup(SteadyTime now) const {
  if (waiting_ == 0) return std::nullopt;
  const auto wait = time_until_allowed(now);
  if (wait > std::chrono::nanoseconds{0}) return now + wait;
  if (gate_.needs_tokens() && gate_.tokens_held(now) == 0) return std::nullopt;
  if (!warmup_.may_take(now)) return warmup_.closed_until(now);
  return now;
}

std::string_view Lane::held_by(SteadyTime now) const {
  constexpr std::chrono::nanoseconds kNone{0};
  if (waiting_ == 0) return warmup_.closed_until(now) ? "warm-up" : "idle";
  if (pace_.paused_until(now)) return "paused";
  if (pace_.time_until_allowed(now) > kNone) return "pace";
  if (warmup_.closed_until(now)) return "warm-up";
  if (gate_.time_until_allowed(now) > kNone) return "rate";
  if (!gate_.may_take(now) || !warmup_.may_take(now)) return "tokens";
  return "nothing";
}

std::int64_t Lane::tokens_wanted(SteadyTime now) const {
  if (!gate_.needs_tokens() || waiting_ == 0 || pace_.paused_until(now)) return 0;
  if (warmup_.closed_until(now)) return 0;
  // 1.5: a lane whose sending is held back by its tokens alone must be able to grow.
  auto lease = static_cast<std::int64_t>(std::ceil(1.5 * pace_.measured_per_second(now)));
  lease = std::clamp(lease, kMinLease, kMaxLease);
  if (const auto allowed = pace_.allowed_per_second(now)) {
    lease = std::min(lease, static_cast<std::int64_t>(std::ceil(*allowed)));
  }
  lease = std::min(lease, static_cast<std::int64_t>(waiting_));
  const std::int64_t held = gate_.tokens_held(now);
  return held * 2 > lease ? 0 : lease - held;
}

void Lane::grant(std::int64_t tokens, SteadyTime valid_until) {
  gate_.grant(tokens, valid_until);
}

int Lane::wanted_connections(SteadyTime now) const {
  if (waiting_ + in_flight_ == 0) return 0;
  auto wanted = static_cast<double>(waiting_ + in_flight_);
  wanted = std::min(wanted, static_cast<double>(pace_.window(now)));
  double rate = lowest_per_second(limits_.rates);
  if (const auto allowed = pace_.allowed_per_second(now)) {
    rate = rate > 0 ? std::min(rate, *allowed) : *allowed;
  }
  if (rate > 0) wanted = std::min(wanted, std::ceil(rate * kSecondsPerMessage));
  return static_cast<int>(wanted);
}

void Lane::settle(const Ruling& ruling, std::string_view reply, SteadyTime now) {
  assert(in_flight_ > 0);
  --in_flight_;
  if (ruling.judged && ruling.lane.kind == LaneReaction::Kind::kNone) pace_.answered(now);
  pace_.react(ruling.lane, reply, now);
  weigh(ruling.evidence, now);
}

void Lane::give_back(SteadyTime now) {
  assert(in_flight_ > 0);
  --in_flight_;
  warmup_.give_back(now);
}

void Lane::connection_failed(std::string_view cause, SteadyTime now) {
  pace_.connection_failed(cause, now);
}

void Lane::correct_accepted(std::int64_t bad, SteadyTime now) {
  breaker_.correct(bad);
  heed_breaker(now);
}

void Lane::weigh(Evidence evidence, SteadyTime now) {
  if (evidence == Evidence::kNone) return;
  if (evidence == Evidence::kAccepted) {
    breaker_.record_accepted();
  } else {
    breaker_.record_bad();
  }
  heed_breaker(now);
}

void Lane::heed_breaker(SteadyTime now) {
  std::string numbers;
  switch (breaker_.take_verdict(numbers)) {
    case SourceVerdict::kFine:
      break;
    case SourceVerdict::kSlow:
      pace_.slow_for_bad_addresses(numbers, now);
      break;
    case SourceVerdict::kStop:
      pace_.pause_for_bad_addresses(numbers, kBreakerPause, now);
      break;
  }
}

}  // namespace hongyan::scheduler
