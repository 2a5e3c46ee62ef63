#pragma once

#include "engine/core/lane_desk.h"

namespace hongyan::engine {

// Feeds one connection from its lane. Owner: the task of the connection.
class LaneDesk::Feed final : public smtp::Feed {
 public:
  Feed(LaneDesk& desk, LaneEntry& entry, RouteQueue& queue, dns::Target target)
      : desk_(desk), entry_(entry), queue_(queue), target_(std::move(target)) {}

  smtp::Delivery* next() override;
  async::Task<bool> commit(std::span<const smtp::Settled> settled,
                           smtp::Delivery* to_mark) override;
  async::Task<bool> wait() override;

  // Whether any delivery was judged on this connection: the way to the receiver is open.
  bool answered_any() const { return answered_any_; }

 private:
  bool turn_is_over() const;
  bool refused(BulkDelivery& delivery, const SettleStep& mark);

  LaneDesk& desk_;
  LaneEntry& entry_;
  RouteQueue& queue_;
  const dns::Target target_;
  int given_ = 0;
  bool answered_any_ = false;
  bool closing_ = false;  // the receiver wants no more messages on this connection
};

}  // namespace hongyan::engine
