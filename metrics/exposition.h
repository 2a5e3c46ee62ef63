#pragma once

#include "metrics/metric.h"

#include <prometheus/metric_family.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hongyan::metrics {

using LabelValues = std::vector<std::string>;  // in the order of Metric::labels

// Collects metrics and has prometheus-cpp write them in Prometheus' text format 0.0.4. Call
// metric() once per metric, then its samples.
//
// The library keeps values as doubles and prints 16 digits: whole numbers are exact and in full up
// to 2^53, in micro-yuan nine billion yuan; an account holds at most four.
class Exposition {
 public:
  static constexpr std::string_view kContentType = "text/plain; version=0.0.4; charset=utf-8";

  void metric(const Metric& metric);
  void sample(const LabelValues& labels, std::int64_t value);
  void sample(const LabelValues& labels, double value);
  // `counts` per bucket, not cumulated, one more than bounds for the rest; `sum` unscaled.
  void histogram(const LabelValues& labels, std::span<const std::int64_t> counts, std::int64_t sum);

  // The page; this is empty afterwards.
  std::string take();

 private:
  prometheus::ClientMetric& add(const LabelValues& labels);

  const Metric* metric_ = nullptr;
  std::vector<prometheus::MetricFamily> families_;
};

// A bucket's bound for people: the shortest form without exponent.
std::string format_bound(double value);
std::string_view kind_name(Kind kind);

}  // namespace hongyan::metrics
