// What a desk does by the clock: tokens, stored paces, lanes that have too much or nothing to do.
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "engine/core/backlog.h"
#include "engine/core/lane_desk.h"
#include "metrics/catalogue.h"

#include <fmt/format.h>

#include <algorithm>

namespace hongyan::engine {
namespace {

using namespace std::chrono_literals;
using scheduler::DeliveryHandle;

constexpr auto kTick = 10ms;
// When the day's cap is sent and another worker has a source for the job as well.
constexpr auto kOthersTurn = 20s;

// Messages per second that a lane's limits and pace allow; 0: as many as it can.
double allowed_rate(const scheduler::Lane& lane, SteadyTime now) {
  double rate = scheduler::lowest_per_second(lane.limits().rates);
  if (const auto allowed = lane.pace().allowed_per_second(now))
    rate = rate > 0 ? std::min(rate, *allowed) : *allowed;
  return rate;
}

}  // namespace

std::size_t LaneDesk::backlog_limit(const scheduler::Lane& lane, SteadyTime now) {
  return backlog_of(allowed_rate(lane, now));
}

// A claimed chunk may bring more for one lane than it can send soon. Here that would take the place
// of others; in Redis it takes nobody's.
void LaneDesk::shed(LaneEntry& entry, scheduler::Lane& lane) {
  const SteadyTime now = std::chrono::steady_clock::now();
  const std::size_t keep = 2 * backlog_limit(lane, now);
  const double rate = allowed_rate(lane, now);
  if (rate <= 0 || lane.waiting() <= keep) return;
  std::size_t before = keep;
  for (const DeliveryHandle handle : lane.remove_beyond(keep)) {
    leave_lane(delivery_of(handle));
    postpone(delivery_of(handle), due_after(before++, rate), entry.key.provider,
             "the lane's limits let nobody through in time");
  }
}

async::Task<> LaneDesk::tick() {
  std::vector<LaneEntry*> busy;
  while (!tasks_.stopping()) {
    co_await async::sleep_for(kTick);
    for (auto& [channel, gate] : gates_)
      if (!gate.waiting.empty() && !draining_) open_gate(channel, gate);
    busy.clear();
    for (auto& [key, entry] : entries_) {
      auto* lane = table_.find_lane(key);
      if ((lane != nullptr && lane->waiting() > 0) || is_stranded(*entry))
        busy.push_back(entry.get());
    }
    // In turn: where connections are short the first one takes them.
    if (!busy.empty())
      std::ranges::rotate(busy, busy.begin() + static_cast<std::ptrdiff_t>(turn_++ % busy.size()));
    for (LaneEntry* entry : busy) pump(*entry);
    log_.flush();
  }
}

async::Task<> LaneDesk::load_pace(std::string provider, std::string source, bool named) {
  const scheduler::LaneKey key{std::move(provider), std::move(source)};
  auto fields = co_await store_.load_pace(key.source, key.provider);
  std::string ref = co_await ref_of(key, named);
  const auto at = entries_.find(key);
  if (at == entries_.end()) co_return;
  LaneEntry& entry = *at->second;
  entry.ref = std::move(ref);
  if (fields) {
    restore_breaker(entry, lane_of(entry), *fields);
    if (auto state = scheduler::PaceState::from_fields(*fields)) {
      const SystemClock clock;
      lane_of(entry).pace().restore(*state, clock.steady(), clock.wall());
    }
  }
  entry.pace_saved = lane_of(entry).pace().revision();
  entry.pace_loading = false;
  pump(entry);
}

async::Task<> LaneDesk::ask_tokens(std::string provider, std::string source, std::int64_t wanted) {
  const scheduler::LaneKey key{std::move(provider), std::move(source)};
  const auto rates = lane_of(*entries_.at(key)).limits().rates;
  const SteadyTime asked = std::chrono::steady_clock::now();
  auto grant = co_await store_.tokens(key.source, key.provider, rates, wanted);
  const auto at = entries_.find(key);
  if (at == entries_.end()) co_return;
  LaneEntry& entry = *at->second;
  entry.asking_tokens = false;
  if (!grant) {
    entry.tokens_blocked_until = std::chrono::steady_clock::now() + 500ms;
    co_return;
  }
  sheet_.add(sheet_.counter(metrics::kLaneTokens, {entry.named ? key.provider : "other",
                                                   grant->granted > 0 ? "granted" : "refused"}),
             std::max<std::int64_t>(grant->granted, 1));
  if (grant->granted > 0) {
    lane_of(entry).grant(grant->granted, asked + kTokenLife);
    pump(entry);
  } else {
    entry.tokens_blocked_until = std::chrono::steady_clock::now() + grant->retry_after;
  }
}

std::optional<SteadyTime> LaneDesk::shut_until(const std::string& source,
                                               const scheduler::Lane& lane, SteadyTime now) const {
  return std::max(
      {lane.pace().paused_until(now), lane.warmup().closed_until(now), resting_until(source, now)});
}

std::string LaneDesk::shut_because(const LaneEntry& entry, const scheduler::Lane& lane,
                                   SteadyTime now) {
  if (!lane.pace().paused_until(now) && lane.warmup().closed_until(now))
    return entry.warmup->today.sentence();
  if (!lane.pace().paused_until(now)) return entry.proxy->why();
  return fmt::format("lane paused ({}): {}", scheduler::to_string(lane.pace().reason(now)),
                     lane.pace().reply(now));
}

void LaneDesk::clear(LaneEntry& entry, scheduler::Lane& lane, SteadyTime until,
                     std::vector<BulkDelivery*>& elsewhere) {
  if (lane.waiting() == 0) return;
  const SystemClock clock;
  const SteadyTime now = clock.steady();
  const auto left = std::min(std::chrono::duration_cast<Millis>(until - now), Millis{kLongestWait});
  const bool paused = lane.pace().paused_until(now).has_value();
  const std::string reason = shut_because(entry, lane, now);
  for (const DeliveryHandle handle : lane.remove_beyond(0)) {
    BulkDelivery& delivery = delivery_of(handle);
    leave_lane(delivery);
    if (has_other_source(entry, delivery)) {
      elsewhere.push_back(&delivery);  // may make a lane: not while we walk over them
      continue;
    }
    // A source that another worker has may be warm; who claims next is a draw.
    const bool others =
        std::ranges::any_of(delivery.job->plan->sources,
                            [&](const std::string& source) { return !is_among(source, sources_); });
    const Millis wait = others && !paused ? std::min(left, Millis{kOthersTurn}) : left;
    postpone(delivery, to_unix_ms(clock.wall() + wait), entry.key.provider, reason);
  }
}

void LaneDesk::upkeep() {
  const SteadyTime now = std::chrono::steady_clock::now();
  const SystemClock clock;
  stats_.lanes.clear();
  std::vector<BulkDelivery*> elsewhere;
  for (auto& [key, entry] : entries_) {
    auto* lane = table_.find_lane(key);
    if (lane == nullptr || entry->pace_loading) continue;
    ++stats_.lanes[{entry->named ? key.provider : "other",
                    std::string(scheduler::to_string(lane->pace().mode(now)))}];
    weigh_late(*entry, *lane, now);
    if (const auto mode = lane->pace().mode(now); mode != entry->mode) {
      entry->mode = mode;
      announce_mode(*entry, *lane);
    }
    if (lane->pace().revision() != entry->pace_saved) {
      entry->pace_saved = lane->pace().revision();
      tasks_.spawn([](store::LaneStore& store, std::string source, std::string provider,
                      std::map<std::string, std::string> fields) -> async::Task<> {
        (void)co_await store.save_pace(std::move(source), std::move(provider), std::move(fields));
      }(store_, key.source, key.provider, lane->pace().state(now, clock.wall()).to_fields()));
    }
    // Nothing waits here that cannot leave soon: in Redis it costs no memory and blocks nobody.
    if (const auto shut = shut_until(key.source, *lane, now); shut && *shut > now + kShortPause)
      clear(*entry, *lane, *shut, elsewhere);
    shed(*entry, *lane);
    tell_warmup(*entry, *lane, now);
  }
  for (BulkDelivery* delivery : elsewhere) add(*delivery);
  for (auto& [channel, gate] : gates_) shed(gate);
  for (const auto& key : table_.drop_idle(now, Millis{60'000})) {
    const auto at = entries_.find(key);
    if (at != entries_.end() && at->second->connections == 0 && !at->second->asking_tokens &&
        !at->second->pace_loading && !(at->second->warmup && at->second->warmup->asking))
      entries_.erase(at);
  }
}

std::vector<LaneView> LaneDesk::views(const Oldest& oldest) {
  const SteadyTime now = std::chrono::steady_clock::now();
  const SystemClock clock;
  std::vector<LaneView> views;
  for (auto& [key, entry] : entries_) {
    auto* lane = table_.find_lane(key);
    if (lane == nullptr) continue;
    const scheduler::Pace& pace = lane->pace();
    LaneView view;
    view.provider = key.provider;
    view.source = key.source;
    view.waiting = static_cast<std::int64_t>(lane->waiting());
    view.in_flight = static_cast<std::int64_t>(lane->in_flight());
    view.connections = entry->connections;
    view.per_second = pace.measured_per_second(now);
    view.allowed_per_second = allowed_rate(*lane, now);
    view.held_by = lane->held_by(now);
    if (view.held_by == "nothing" && entry->connections >= lane->wanted_connections(now))
      view.held_by = "connections";
    view.mode = scheduler::to_string(pace.mode(now));
    view.reason = scheduler::to_string(pace.reason(now));
    view.reply = pace.reply(now);
    if (const auto until = pace.paused_until(now))
      view.paused_until_ms =
          to_unix_ms(clock.wall() + std::chrono::duration_cast<Millis>(*until - now));
    if (entry->proxy != nullptr && entry->proxy->is_away() && view.paused_until_ms == 0) {
      const SteadyTime until = resting_until(key.source, now).value_or(now);
      view.mode = "paused";
      view.held_by = view.reason = "proxy";
      view.reply = entry->proxy->why();
      view.paused_until_ms =
          to_unix_ms(clock.wall() + std::chrono::duration_cast<Millis>(until - now));
    }
    view.last_refusal = entry->last_refusal;
    if (entry->warmup && (entry->warmup->today.day > 0 || lane->warmup().closed_until(now)))
      view.warmup = entry->warmup->today.sentence();
    if (const auto at = oldest.find({key.provider, key.source}); at != oldest.end())
      view.oldest_seconds = at->second;
    view.judged = lane->breaker().n();
    view.bad = lane->breaker().bad();
    views.push_back(std::move(view));
  }
  return views;
}

// The mode of a lane is news: an event for operators, a count for SREs, a line in the log.
void LaneDesk::announce_mode(const LaneEntry& entry, const scheduler::Lane& lane) {
  const SteadyTime now = std::chrono::steady_clock::now();
  const std::string mode(scheduler::to_string(entry.mode));
  const std::string reason(scheduler::to_string(lane.pace().reason(now)));
  const std::string reply(lane.pace().reply(now));
  sheet_.add(sheet_.counter(metrics::kLaneModeChanges,
                            {entry.named ? entry.key.provider : "other", mode}));
  log::info("lane-mode", {{"source", entry.key.source},
                          {"provider", entry.key.provider},
                          {"mode", mode},
                          {"reason", reason},
                          {"reply", reply}});
  Json data = Json::object();
  data.set("source", Json::string(entry.key.source));
  data.set("provider", Json::string(entry.key.provider));
  data.set("mode", Json::string(mode));
  data.set("reason", Json::string(reason));
  data.set("reply", Json::string(escape_control(reply)));
  tasks_.spawn([](store::LaneStore& lanes, std::string text, std::int64_t keep) -> async::Task<> {
    (void)co_await lanes.announce("lane.mode", std::move(text), keep);
  }(store_, to_json(data), config_->fleet.retention.events));
}

}  // namespace hongyan::engine
