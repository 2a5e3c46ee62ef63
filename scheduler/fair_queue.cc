#include "scheduler/fair_queue.h"

#include <algorithm>
#include <cassert>

namespace hongyan::scheduler {

FairQueue::FairQueue(std::int64_t quantum) : quantum_(quantum), nodes_(1) {
  assert(quantum > 0);
}

void FairQueue::add(TenantNumber tenant, JobNumber job, int priority) {
  const std::int64_t weight = 1 + std::clamp(priority, 0, 9);
  if (const auto found = jobs_.find(job); found != jobs_.end()) {
    nodes_[found->second].weight = weight;
    return;
  }
  auto owner = tenants_.find(tenant);
  if (owner == tenants_.end()) {
    owner = tenants_.emplace(tenant, make(0, static_cast<std::uint32_t>(tenant), 1)).first;
  }
  jobs_.emplace(job, make(owner->second, static_cast<std::uint32_t>(job), weight));
}

void FairQueue::remove(JobNumber job) {
  const auto found = jobs_.find(job);
  if (found == jobs_.end()) return;
  const Slot tenant = nodes_[found->second].parent;
  drop(found->second);
  jobs_.erase(found);
  if (nodes_[tenant].turn != kNone) return;
  tenants_.erase(TenantNumber{nodes_[tenant].number});
  drop(tenant);
}

std::optional<JobNumber> FairQueue::next() {
  if (jobs_.empty()) return std::nullopt;
  return JobNumber{nodes_[serve(serve(0))].number};
}

void FairQueue::charge(JobNumber job, std::int64_t cost) {
  const auto found = jobs_.find(job);
  if (found == jobs_.end()) return;
  Node& node = nodes_[found->second];
  node.credit -= cost;
  nodes_[node.parent].credit -= cost;
}

// A new child comes last: before the one that is being served, or, when that one has used up its
// turn and so will itself be the last, behind it.
FairQueue::Slot FairQueue::make(Slot parent, std::uint32_t number, std::int64_t weight) {
  Slot slot = static_cast<Slot>(nodes_.size());
  if (free_.empty()) {
    nodes_.emplace_back();
  } else {
    slot = free_.back();
    free_.pop_back();
  }
  Node node{.parent = parent, .previous = slot, .next = slot, .number = number, .weight = weight};
  const Slot turn = nodes_[parent].turn;
  if (turn != kNone) {
    const bool behind = nodes_[turn].credit <= 0;
    node.previous = behind ? turn : nodes_[turn].previous;
    node.next = nodes_[node.previous].next;
    nodes_[node.previous].next = slot;
    nodes_[node.next].previous = slot;
    if (behind) nodes_[parent].turn = slot;
  } else {
    nodes_[parent].turn = slot;
  }
  nodes_[slot] = node;
  return slot;
}

void FairQueue::drop(Slot slot) {
  const Node node = nodes_[slot];
  Node& parent = nodes_[node.parent];
  if (node.next == slot) {
    parent.turn = kNone;
  } else {
    nodes_[node.previous].next = node.next;
    nodes_[node.next].previous = node.previous;
    // Its predecessor has used up its turn, so serve() moves on to the successor; giving the turn
    // to the successor itself, which has no credit yet, would skip it.
    if (parent.turn == slot) parent.turn = node.previous;
  }
  free_.push_back(slot);
}

FairQueue::Slot FairQueue::serve(Slot parent) {
  Slot turn = nodes_[parent].turn;
  while (nodes_[turn].credit <= 0) {
    turn = nodes_[turn].next;
    nodes_[turn].credit += nodes_[turn].weight * quantum_;
  }
  nodes_[parent].turn = turn;
  return turn;
}

}  // namespace hongyan::scheduler
