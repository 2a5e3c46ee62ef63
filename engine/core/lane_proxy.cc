// Sources behind an outbound proxy: what its failures mean, and what waits for it.
#include "base/log.h"
#include "engine/core/lane_desk.h"

namespace hongyan::engine {

std::string_view LaneDesk::heed_proxy(const LaneEntry& entry, const dns::Target& target,
                                      const smtp::OpenFailure* failure, std::string_view cause) {
  const std::string_view word = failure == nullptr ? "ready" : "failed";
  if (entry.proxy == nullptr) return word;
  const SteadyTime now = std::chrono::steady_clock::now();
  scheduler::ProxyWatch& watch = *entry.proxy;
  const std::string receiver = target.address.to_string();
  const bool was_away = watch.is_away();
  std::string_view result = word;
  if (failure != nullptr && failure->cause == "proxy-unreachable") {
    watch.unreachable(cause, now);
    result = "proxy_failed";
  } else if (failure != nullptr && failure->cause == "proxy-silent") {
    if (watch.silent(receiver, cause, now) == scheduler::ProxyWatch::Blame::kUnknown)
      result = "proxy_silent";
  } else if (failure == nullptr || failure->cause != "cancelled") {
    watch.greeted(receiver, now);  // whatever went wrong, the receiver has spoken
  }
  if (watch.is_away() == was_away) return result;
  if (was_away) {
    log::info("proxy-back", {{"source", entry.key.source}, {"proxy", entry.source->proxy}});
  } else {
    log::warning(
        "proxy-away",
        {{"source", entry.key.source}, {"proxy", entry.source->proxy}, {"why", watch.why()}});
  }
  return result;
}

std::optional<SteadyTime> LaneDesk::resting_until(const std::string& source, SteadyTime now) const {
  const auto watch = proxies_.find(source);
  return watch == proxies_.end() ? std::nullopt : watch->second.resting_until(now);
}

void LaneDesk::wait_for_proxy(LaneEntry& entry, RouteQueue& queue) {
  if (queue.connections > 0) return;  // another connection of this route still lives
  std::deque<BulkDelivery*> ready = std::move(queue.ready);
  queue.ready.clear();
  for (BulkDelivery* delivery : ready) {
    unstart(entry, *delivery);
    add(*delivery);
  }
}

}  // namespace hongyan::engine
