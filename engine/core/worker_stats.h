#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <tuple>

namespace hongyan::engine {

// The delivery phases of hongyan_delivery_phase_seconds, in order.
enum class Phase : unsigned char { kTurn, kToken, kConnect, kTransaction };
inline constexpr std::array<const char*, 4> kPhaseNames{"turn", "token", "connect", "transaction"};

// Upper bounds of the phase histogram, seconds; the last bucket has none.
inline constexpr std::array<double, 13> kPhaseBounds{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                                     0.25,  0.5,    1,     5,    30,    300};

struct PhaseHistogram {
  std::array<std::uint64_t, kPhaseBounds.size() + 1> buckets{};
  double sum = 0;

  void observe(double seconds) {
    std::size_t at = 0;
    while (at < kPhaseBounds.size() && seconds > kPhaseBounds[at]) ++at;
    ++buckets[at];
    sum += seconds;
  }
};

// What one worker counts. Plain integers, touched by the worker only; a copy goes out each second.
struct WorkerStats {
  // channel, source, provider (a named one, or "other"), outcome
  std::map<std::tuple<std::string, std::string, std::string, std::string>, std::uint64_t> outcomes;
  std::array<PhaseHistogram, 4> phases;
  std::uint64_t settle_calls = 0;
  std::uint64_t settle_steps = 0;
  std::uint64_t dns_questions = 0;
  std::uint64_t dns_failures = 0;
  std::uint64_t redis_commands = 0;
  std::uint64_t redis_bytes = 0;
  std::int64_t connections = 0;
  std::int64_t held = 0;  // recipients claimed and not settled
  double loop_lag_seconds = 0;
  // channel, provider → seconds that the longest waiting claimed recipient has been due
  std::map<std::pair<std::string, std::string>, double> oldest_due;
  // source, provider → 0 normal, 1 slow, 2 paused (named providers only)
  std::map<std::pair<std::string, std::string>, int> lane_modes;
};

}  // namespace hongyan::engine
