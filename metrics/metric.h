#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace hongyan::metrics {

enum class Kind : unsigned char {
  kCounter,  // only grows; the name ends in _total
  kGauge,
  kHistogram,  // fixed buckets
};

// One metric as it is declared: name, meaning and what to do about it stand together
// (catalogue.cc), and docs/METRICS.md is generated from that.
struct Metric {
  std::string_view name;
  Kind kind = Kind::kCounter;
  std::string_view unit{};  // "messages", "seconds" ...
  std::span<const std::string_view> labels{};
  std::string_view meaning{};
  std::string_view alert{};  // "ALERT: when, and what to do", or what to watch; empty: nothing
  bool billing = false;      // shown by /metrics/billing, not by /metrics
  // Histograms: upper bounds as integers, divided by `scale` when shown (nanoseconds: 1e9).
  std::span<const std::int64_t> bounds{};
  std::int64_t scale = 1;
};

}  // namespace hongyan::metrics
