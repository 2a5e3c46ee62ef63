#pragma once

#include "base/async/event.h"
#include "engine/config/config.h"
#include "engine/core/bulk_delivery.h"
#include "scheduler/lane_table.h"
#include "scheduler/proxy_watch.h"
#include "scheduler/rate_gate.h"
#include "store/warmup_store.h"

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hongyan::engine {

// The day of a lane whose source warms up.
struct LaneWarmup {
  bool asking = false;
  SteadyTime blocked_until{};
  scheduler::WarmupSigns signs;  // not told yet
  scheduler::WarmupDay today;    // as told last
};

// Deliveries that lead to one MX set, and the connections there.
struct RouteQueue {
  dns::RoutePtr route;
  std::deque<BulkDelivery*> ready;
  int connections = 0;
  // Addresses that failed us lately, until when they are asked last.
  std::map<std::string, SteadyTime> avoided;
  void avoid(const dns::Target& target);
  bool avoids(const dns::Target& target, SteadyTime now) const;
};

// A limited channel: its deliveries wait here, before the lanes, for the channel's tokens.
struct ChannelGate {
  explicit ChannelGate(std::vector<scheduler::Rate> rates) : gate(std::move(rates)) {}
  scheduler::RateGate gate;
  std::deque<BulkDelivery*> waiting;
  std::int64_t admitted = 0;  // in lanes, not started
  bool asking = false;
  SteadyTime blocked_until{};
};

// What the desk keeps of a lane beside the lane itself, which is in the scheduler's table.
struct LaneEntry {
  scheduler::LaneKey key;
  bool named = false;
  const config::Source* source = nullptr;
  scheduler::ProxyWatch* proxy = nullptr;  // of its source; null: it connects by itself
  std::map<std::string, std::unique_ptr<RouteQueue>> routes;
  int connections = 0;
  bool asking_tokens = false;
  SteadyTime tokens_blocked_until{};
  bool pace_loading = true;
  std::optional<LaneWarmup> warmup;
  std::string last_refusal;  // the last reply that was none of acceptance
  unsigned pace_saved = 0;
  std::string ref;            // in return paths; empty: they do not tell the lane
  std::int64_t late_bad = 0;  // bad addresses of which mails told, not yet weighed
  std::pair<std::int64_t, std::int64_t> breaker_saved{};  // n, bad
  SteadyTime breaker_saved_at{};
  scheduler::Mode mode = scheduler::Mode::kNormal;
  std::unique_ptr<async::Event> wake;
};

}  // namespace hongyan::engine
