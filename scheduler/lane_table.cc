#include "scheduler/lane_table.h"

namespace hongyan::scheduler {

Lane* LaneTable::find_lane(const LaneKey& key) {
  const auto found = lanes_.find(key);
  return found == lanes_.end() ? nullptr : found->second.lane.get();
}

Lane& LaneTable::get_or_create(const LaneKey& key, const LaneLimits& limits) {
  Entry& entry = lanes_[key];
  if (!entry.lane) entry.lane = std::make_unique<Lane>(limits, time_scale_);
  return *entry.lane;
}

std::vector<LaneKey> LaneTable::drop_idle(SteadyTime now, Millis idle_for) {
  std::vector<LaneKey> dropped;
  for (auto it = lanes_.begin(); it != lanes_.end();) {
    auto& [key, entry] = *it;
    if (!entry.lane->is_idle() || entry.lane->pace().mode(now) != Mode::kNormal ||
        entry.lane->warmup().closed_until(now)) {
      entry.idle_since.reset();
    } else if (!entry.idle_since) {
      entry.idle_since = now;
    }
    if (entry.idle_since && now - *entry.idle_since >= idle_for) {
      dropped.push_back(key);
      it = lanes_.erase(it);
    } else {
      ++it;
    }
  }
  return dropped;
}

std::vector<DeliveryHandle> LaneTable::remove_job(JobNumber job) {
  std::vector<DeliveryHandle> taken;
  for_each([&](const LaneKey&, Lane& lane) {
    const auto part = lane.remove_job(job);
    taken.insert(taken.end(), part.begin(), part.end());
  });
  return taken;
}

}  // namespace hongyan::scheduler
