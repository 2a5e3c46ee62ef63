#include "engine/core/lane_entry.h"

namespace hongyan::engine {
namespace {

constexpr std::chrono::minutes kAvoided{5};

}  // namespace

void RouteQueue::avoid(const dns::Target& target) {
  avoided[target.address.to_string()] = std::chrono::steady_clock::now() + kAvoided;
}

bool RouteQueue::avoids(const dns::Target& target, SteadyTime now) const {
  const auto at = avoided.find(target.address.to_string());
  return at != avoided.end() && now < at->second;
}

}  // namespace hongyan::engine
