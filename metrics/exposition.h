#pragma once

#include "metrics/metric.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hongyan::metrics {

using LabelValues = std::vector<std::string>;  // in the order of Metric::labels

// Writes Prometheus' text format 0.0.4. Call metric() once per metric, then its samples.
// (prometheus-cpp keeps every value as a double and prints 1e+06; money must come out whole.)
class Exposition {
 public:
  static constexpr std::string_view kContentType = "text/plain; version=0.0.4; charset=utf-8";

  void metric(const Metric& metric);
  void sample(const LabelValues& labels, std::int64_t value);
  void sample(const LabelValues& labels, double value);
  // `counts` per bucket, not cumulated, one more than bounds for the rest; `sum` unscaled.
  void histogram(const LabelValues& labels, std::span<const std::int64_t> counts, std::int64_t sum);

  std::string take() { return std::move(text_); }

 private:
  void line(std::string_view suffix, const LabelValues& labels, std::string_view bound,
            const std::string& value);

  const Metric* metric_ = nullptr;
  std::string text_;
};

// Whole numbers in full, others in the shortest form without exponent; NaN, +Inf, -Inf.
std::string format_value(double value);
std::string_view kind_name(Kind kind);

}  // namespace hongyan::metrics
