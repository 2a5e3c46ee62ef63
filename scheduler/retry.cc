#include "scheduler/retry.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace hongyan::scheduler {
namespace {

// The finaliser of SplitMix64: every input bit reaches every output bit.
std::uint64_t mix(std::uint64_t x) {
  x += 0x9E3779B97F4A7C15u;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
  return x ^ (x >> 31);
}

// In [-1, 1).
double signed_unit(std::uint64_t bits) {
  return std::ldexp(static_cast<double>(bits >> 11), -52) - 1;
}

}  // namespace

std::optional<WallTime> next_attempt(const RetrySchedule& schedule, int attempts_so_far,
                                     WallTime first_attempt, WallTime now,
                                     std::uint64_t jitter_seed) {
  assert(attempts_so_far >= 1 && !schedule.waits.empty());
  const WallTime end = first_attempt + schedule.expiry;
  if (now >= end) return std::nullopt;
  const auto step = std::min(static_cast<std::size_t>(attempts_so_far), schedule.waits.size()) - 1;
  const auto wait = static_cast<double>(schedule.waits[step].count());
  const double factor =
      1 + schedule.jitter *
              signed_unit(mix(mix(jitter_seed) + static_cast<std::uint64_t>(attempts_so_far)));
  return std::min(now + Millis{std::llround(wait * factor)}, end);
}

}  // namespace hongyan::scheduler
