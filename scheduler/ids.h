#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace hongyan::scheduler {

// Numbers that the owner of the scheduler hands out; they live as long as its process.
enum class TenantNumber : std::uint32_t {};
enum class JobNumber : std::uint32_t {};

// One waiting delivery, opaque to the scheduler.
enum class DeliveryHandle : std::uint64_t {};

// A lane: who receives through which egress.
struct LaneKey {
  std::string provider;
  std::string source;
  friend bool operator==(const LaneKey&, const LaneKey&) = default;
};

struct LaneKeyHash {
  std::size_t operator()(const LaneKey& key) const {
    const std::hash<std::string> hash;
    return hash(key.provider) * 1'000'003 + hash(key.source);
  }
};

}  // namespace hongyan::scheduler
