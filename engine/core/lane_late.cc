// What comes back by mail, for the lane its message left by: its breaker learns that an address it
// counted as good was bad, its source's warm-up takes it for a sign of the day.
#include "base/log.h"
#include "engine/core/lane_desk.h"
#include "engine/identity/message_tag.h"

#include <algorithm>
#include <charconv>

namespace hongyan::engine {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kOther = "other";
// Fields beside those of the pace, which does not look at them.
constexpr std::string_view kCounted = "breaker_n";
constexpr std::string_view kBad = "breaker_bad";
// Less than a lane is kept while idle, so that the last counts are stored before it goes.
constexpr auto kSaveEvery = 20s;

std::int64_t number_in(const std::map<std::string, std::string>& fields, std::string_view name) {
  std::int64_t value = 0;
  if (const auto at = fields.find(std::string(name)); at != fields.end())
    std::from_chars(at->second.data(), at->second.data() + at->second.size(), value);
  return value;
}

}  // namespace

async::Task<std::string> LaneDesk::ref_of(scheduler::LaneKey key, bool named) {
  // There may be as many receivers without a name as there are domains: they share one.
  std::string provider(named ? std::string_view(key.provider) : kOther);
  std::string ref = identity::lane_ref(key.source, provider);
  if (named_refs_.contains(ref)) co_return ref;
  const auto ours = co_await store_.name_lane(ref, key.source, std::move(provider));
  if (!ours || !*ours) co_return std::string();
  named_refs_.insert(ref);
  co_return ref;
}

void LaneDesk::note_late(const store::LateSigns& signs) {
  log::info("late-signs", {{"source", signs.source},
                           {"provider", signs.provider},
                           {"bad", signs.bad},
                           {"complaints", signs.complaints}});
  const bool named = signs.provider != kOther;
  const auto lane = std::ranges::find_if(entries_, [&](const auto& one) {
    const LaneEntry& entry = *one.second;
    return entry.key.source == signs.source && entry.named == named &&
           (!named || entry.key.provider == signs.provider);
  });
  LaneEntry& entry =
      lane != entries_.end() ? *lane->second : entry_of({signs.provider, signs.source}, named);
  lane_of(entry);  // it may have been dropped as idle
  // Which of the receivers without a name it was is not known: they only share a warm-up.
  if (named) entry.late_bad += signs.bad;
  if (entry.warmup) {
    entry.warmup->signs.bad += signs.bad;
    entry.warmup->signs.complaints += signs.complaints;
  }
}

void LaneDesk::restore_breaker(LaneEntry& entry, scheduler::Lane& lane,
                               const std::map<std::string, std::string>& fields) {
  lane.restore_breaker(number_in(fields, kCounted), number_in(fields, kBad));
  entry.breaker_saved = {lane.breaker().n(), lane.breaker().bad()};
}

void LaneDesk::weigh_late(LaneEntry& entry, scheduler::Lane& lane, SteadyTime now) {
  if (!entry.named) return;
  if (entry.late_bad > 0) lane.correct_accepted(std::exchange(entry.late_bad, 0), now);
  const std::pair counts(lane.breaker().n(), lane.breaker().bad());
  if (counts == entry.breaker_saved || now < entry.breaker_saved_at + kSaveEvery) return;
  entry.breaker_saved = counts;
  entry.breaker_saved_at = now;
  tasks_.spawn([](store::LaneStore& store, std::string source, std::string provider,
                  std::map<std::string, std::string> fields)
                   -> async::Task<> {
    (void)co_await store.save_pace(std::move(source), std::move(provider), std::move(fields));
  }(store_, entry.key.source, entry.key.provider,
                   {{std::string(kCounted), std::to_string(counts.first)},
                    {std::string(kBad), std::to_string(counts.second)}}));
}

}  // namespace hongyan::engine
