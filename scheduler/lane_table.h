#pragma once

#include "scheduler/ids.h"
#include "scheduler/lane.h"
#include "scheduler/limits.h"

#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

namespace hongyan::scheduler {

// The lanes of one worker.
//
// Thread: the worker's. A Lane& stays valid until drop_idle() has named its key.
class LaneTable {
 public:
  explicit LaneTable(double time_scale = 1) : time_scale_(time_scale) {}

  Lane* find_lane(const LaneKey& key);
  // The limits count for a new lane; an existing one keeps its own.
  Lane& get_or_create(const LaneKey& key, const LaneLimits& limits);

  // Drops lanes with nothing waiting or in flight for `idle_for`, in normal mode: slow and paused
  // ones, and those that have sent their day's cap, are kept: their memory is the point. Returns the keys dropped.
  std::vector<LaneKey> drop_idle(SteadyTime now, Millis idle_for);

  template <class F>
  void for_each(F&& visit) {
    for (auto& [key, entry] : lanes_) visit(key, *entry.lane);
  }

  // Takes a job's waiting deliveries out of all lanes.
  std::vector<DeliveryHandle> remove_job(JobNumber job);

  std::size_t size() const { return lanes_.size(); }

 private:
  struct Entry {
    std::unique_ptr<Lane> lane;
    std::optional<SteadyTime> idle_since;
  };
  double time_scale_;
  std::unordered_map<LaneKey, Entry, LaneKeyHash> lanes_;
};

}  // namespace hongyan::scheduler
