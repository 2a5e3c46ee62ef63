#pragma once

#include "scheduler/ids.h"

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

namespace hongyan::scheduler {

// Says which job goes next: round robin with credit between tenants, then between a tenant's jobs.
//
// Rule: every tenant with work gets the same share, whatever the number and priority of its jobs;
// within a tenant a job's share is its weight, 1 + priority (0-9), so that priority 9 goes ten
// times as often as 0 and nobody starves. On its turn a tenant or job is credited its weight times
// the quantum and is served while it has credit. The price of a turn may be known only afterwards
// (a claimed chunk): credit may go below zero and is worked off in later rounds (surplus round
// robin; deficit round robin needs the price before).
//
// Cost: next() moves on at most 1 + price / quantum rounds; O(1) when the quantum is not smaller
// than a usual price. add, remove, charge: O(1).
// Thread: its owner's.
class FairQueue {
 public:
  // quantum: credit per weight and round, in the unit of charge().
  explicit FairQueue(std::int64_t quantum = 1);

  // The job has work. Adding a present job changes its priority only. It joins behind the others
  // without credit, so leaving and coming back gains nothing.
  void add(TenantNumber tenant, JobNumber job, int priority);
  // The job has no work or may not go on.
  void remove(JobNumber job);

  // The job whose turn it is. The same one again until somebody charges or removes it.
  std::optional<JobNumber> next();
  void charge(JobNumber job, std::int64_t cost);

  bool contains(JobNumber job) const { return jobs_.contains(job); }
  std::size_t size() const { return jobs_.size(); }
  bool empty() const { return jobs_.empty(); }

 private:
  using Slot = std::uint32_t;
  static constexpr Slot kNone = ~Slot{0};

  // A tenant (child of the root) or a job (child of its tenant). Children form a ring.
  struct Node {
    Slot parent = kNone;
    Slot previous = kNone;
    Slot next = kNone;
    Slot turn = kNone;  // the child whose turn it is; kNone: no children
    std::uint32_t number = 0;
    std::int64_t weight = 1;
    std::int64_t credit = 0;
  };

  Slot make(Slot parent, std::uint32_t number, std::int64_t weight);
  void drop(Slot slot);
  Slot serve(Slot parent);

  std::int64_t quantum_;
  std::vector<Node> nodes_;  // slot 0 is the root
  std::vector<Slot> free_;
  std::unordered_map<TenantNumber, Slot> tenants_;
  std::unordered_map<JobNumber, Slot> jobs_;
};

}  // namespace hongyan::scheduler
