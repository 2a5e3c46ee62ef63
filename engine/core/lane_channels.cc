// Channels with rates: their deliveries wait before the lanes until there is a token of the
// channel.
#include "engine/core/backlog.h"
#include "engine/core/lane_desk.h"

#include <algorithm>
#include <cmath>

namespace hongyan::engine {

ChannelGate* LaneDesk::gate_of(const JobPlan& plan) {
  const auto at = gates_.find(plan.channel);
  return at == gates_.end() ? nullptr : &at->second;
}

bool LaneDesk::admit(BulkDelivery& delivery) {
  ChannelGate* gate = gate_of(*delivery.job->plan);
  if (gate == nullptr || delivery.admitted) return true;
  if (gate->admitted >= gate->gate.tokens_held(std::chrono::steady_clock::now())) {
    gate->waiting.push_back(&delivery);
    return false;
  }
  delivery.admitted = true;
  ++gate->admitted;
  return true;
}

void LaneDesk::leave_lane(BulkDelivery& delivery) {
  if (!delivery.admitted) return;
  delivery.admitted = false;
  --gate_of(*delivery.job->plan)->admitted;
}

void LaneDesk::open_gate(const std::string& channel, ChannelGate& gate) {
  const SteadyTime now = std::chrono::steady_clock::now();
  const std::int64_t held = gate.gate.tokens_held(now);
  std::size_t tries = gate.waiting.size();
  while (tries-- > 0 && gate.admitted < held) {
    BulkDelivery* delivery = gate.waiting.front();
    gate.waiting.pop_front();
    add(*delivery);
  }
  const auto second =
      static_cast<std::int64_t>(std::ceil(scheduler::lowest_per_second(gate.gate.rates())));
  const std::int64_t wanted =
      std::min(second, static_cast<std::int64_t>(gate.waiting.size())) - held;
  if (wanted > 0 && !gate.asking && gate.blocked_until <= now) {
    gate.asking = true;
    tasks_.spawn(ask_channel_tokens(channel, wanted));
  }
}

async::Task<> LaneDesk::ask_channel_tokens(std::string channel, std::int64_t wanted) {
  ChannelGate& gate = gates_.at(channel);  // made once, lives as long as the desk
  const SteadyTime asked = std::chrono::steady_clock::now();
  auto grant = co_await store_.channel_tokens(channel, gate.gate.rates(), wanted);
  gate.asking = false;
  const SteadyTime now = std::chrono::steady_clock::now();
  if (!grant) {
    gate.blocked_until = now + kTokenLife / 2;
  } else if (grant->granted > 0) {
    gate.gate.grant(grant->granted, asked + kTokenLife);
    open_gate(channel, gate);
  } else {
    gate.blocked_until = now + grant->retry_after;
  }
}

std::size_t LaneDesk::gate_limit(const scheduler::RateGate& gate) {
  return backlog_of(scheduler::lowest_per_second(gate.rates()));
}

void LaneDesk::shed(ChannelGate& gate) {
  const std::size_t keep = 2 * gate_limit(gate.gate);
  const double rate = scheduler::lowest_per_second(gate.gate.rates());
  while (gate.waiting.size() > keep) {
    BulkDelivery* delivery = gate.waiting.back();
    gate.waiting.pop_back();
    postpone(*delivery, due_after(gate.waiting.size(), rate), delivery->route->provider,
             "the channel's limits let nobody through in time");
  }
}

}  // namespace hongyan::engine
