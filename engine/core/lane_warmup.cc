// Sources that warm up: their lanes lease the day's cap before they start anything, and tell the
// store what receivers answered (scheduler/warmup.h).
#include "base/log.h"
#include "base/time_text.h"
#include "engine/core/backlog.h"
#include "engine/core/lane_desk.h"

#include <algorithm>

namespace hongyan::engine {
namespace {

using scheduler::LaneReaction;
using scheduler::WarmupVerdict;

constexpr Millis kAskAgain{500};

// Days since the start, 1: the start itself.
std::int64_t date_number(std::string_view start, std::string_view today) {
  return (*parse_date(today) - *parse_date(start)).count() + 1;
}

bool is_about_source(LaneReaction::Kind kind) {
  return kind == LaneReaction::Kind::kSlow || kind == LaneReaction::Kind::kPause ||
         kind == LaneReaction::Kind::kNextSource;
}

}  // namespace

void LaneDesk::note_answer(LaneEntry& entry, const scheduler::Ruling& ruling) {
  if (!entry.warmup || !ruling.judged) return;
  ++entry.warmup->signs.answered;
  if (ruling.evidence == scheduler::Evidence::kBadMailbox ||
      ruling.evidence == scheduler::Evidence::kBadDomain)
    ++entry.warmup->signs.bad;
}

void LaneDesk::note_refusal(LaneEntry& entry, const scheduler::LaneReaction& words) {
  if (entry.warmup && is_about_source(words.kind)) ++entry.warmup->signs.refused;
}

void LaneDesk::lease_warmup(LaneEntry& entry, scheduler::Lane& lane, SteadyTime now) {
  if (!entry.warmup || entry.warmup->asking || now < entry.warmup->blocked_until) return;
  if (lane.pace().paused_until(now)) return;
  const std::int64_t wanted = lane.warmup().wanted(lane.waiting(), now);
  if (wanted > 0) ask_warmup(entry, wanted, 0);
}

// Once a second: what the store does not know yet, and what an idle lane has left.
void LaneDesk::tell_warmup(LaneEntry& entry, scheduler::Lane& lane, SteadyTime now) {
  if (!entry.warmup || entry.warmup->asking || now < entry.warmup->blocked_until) return;
  const std::int64_t left = lane.is_idle() ? lane.warmup().return_all(now) : 0;
  if (left > 0 || !entry.warmup->signs.empty()) ask_warmup(entry, 0, left);
}

void LaneDesk::ask_warmup(LaneEntry& entry, std::int64_t wanted, std::int64_t returned) {
  LaneWarmup& warmup = *entry.warmup;
  const store::BillingDay today = today_();
  store::WarmupStore::Ask ask;
  ask.source = entry.key.source;
  ask.provider = entry.named ? entry.key.provider : "other";
  ask.start = entry.source->warmup_start;
  ask.date = date_number(ask.start, today.today);
  ask.day_ends_ms = today.ends_ms;
  ask.wanted = wanted;
  ask.returned = returned;
  ask.signs = std::exchange(warmup.signs, {});
  ask.curve = lane_of(entry).limits().warmup;
  warmup.asking = true;
  tasks_.spawn(run_warmup(entry.key, std::move(ask)));
}

async::Task<> LaneDesk::run_warmup(scheduler::LaneKey key, store::WarmupStore::Ask ask) {
  auto lease = co_await warmups_.lease(ask);
  if (lease) {
    // The verdict is ours, the memory of it the store's.
    const WarmupVerdict verdict = scheduler::judge_warmup(lease->day.signs);
    if (verdict > lease->day.verdict) {
      store::WarmupStore::Ask tell = ask;
      tell.wanted = 0;
      tell.returned = verdict == WarmupVerdict::kStop ? lease->granted : 0;
      tell.signs = {};
      tell.verdict = verdict;
      const std::int64_t granted = lease->granted - tell.returned;
      if (auto told = co_await warmups_.lease(std::move(tell))) {
        lease = told;
        lease->granted = granted;
      }
    }
  }
  const auto at = entries_.find(key);
  if (at == entries_.end()) co_return;
  LaneEntry& entry = *at->second;
  LaneWarmup& warmup = *entry.warmup;
  const SystemClock clock;
  warmup.asking = false;
  if (!lease) {
    warmup.signs += ask.signs;
    warmup.blocked_until = clock.steady() + kAskAgain;
    co_return;
  }
  const bool had_stopped = warmup.today.verdict == WarmupVerdict::kStop;
  warmup.today = lease->day;
  scheduler::WarmupGate& gate = lane_of(entry).warmup();
  const SteadyTime ends = clock.steady() + (from_unix_ms(ask.day_ends_ms) - clock.wall());
  const bool stopped = lease->day.cap && lease->day.verdict == WarmupVerdict::kStop;
  if (!lease->day.cap) gate.open(ends);
  if (lease->granted > 0) gate.grant(lease->granted, clock.steady(), ends);
  if (stopped || (ask.wanted > 0 && lease->granted == 0))
    gate.close(std::min(ends, clock.steady() + kLongestWait), stopped);
  if (stopped && !had_stopped)
    log::warning(
        "warm-up-stopped",
        {{"source", key.source}, {"provider", ask.provider}, {"what", lease->day.sentence()}});
  pump(entry);
}

}  // namespace hongyan::engine
