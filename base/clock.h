#pragma once

#include <chrono>
#include <cstdint>

namespace hongyan {

using SteadyTime = std::chrono::steady_clock::time_point;
// Wall time at the resolution that the store keeps.
using WallTime = std::chrono::sys_time<std::chrono::milliseconds>;
using Millis = std::chrono::milliseconds;

// The only way to learn the time, so that tests own it.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual SteadyTime steady() const = 0;
  virtual WallTime wall() const = 0;
};

class SystemClock final : public Clock {
 public:
  SteadyTime steady() const override { return std::chrono::steady_clock::now(); }
  WallTime wall() const override {
    return std::chrono::floor<Millis>(std::chrono::system_clock::now());
  }
};

// Stands still until told otherwise. Starts at 2026-01-05 00:00 UTC, a Monday.
class ManualClock final : public Clock {
 public:
  SteadyTime steady() const override { return steady_; }
  WallTime wall() const override { return wall_; }
  void advance(std::chrono::nanoseconds by) {
    steady_ += std::chrono::duration_cast<std::chrono::steady_clock::duration>(by);
    drift_ += by;
    const auto whole = std::chrono::floor<Millis>(drift_);
    wall_ += whole;
    drift_ -= whole;
  }
  void set_wall(WallTime at) { wall_ = at; }

 private:
  SteadyTime steady_{std::chrono::hours(1)};
  WallTime wall_{std::chrono::sys_days{std::chrono::year{2026} / 1 / 5}};
  std::chrono::nanoseconds drift_{0};
};

inline std::int64_t to_unix_ms(WallTime at) {
  return at.time_since_epoch().count();
}
inline WallTime from_unix_ms(std::int64_t ms) {
  return WallTime{Millis{ms}};
}

}  // namespace hongyan
