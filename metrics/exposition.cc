#include "metrics/exposition.h"

#include "base/text.h"

#include <prometheus/text_serializer.h>

#include <array>
#include <charconv>
#include <limits>
#include <utility>

namespace hongyan::metrics {
namespace {

prometheus::MetricType type_of(Kind kind) {
  switch (kind) {
    case Kind::kCounter:
      return prometheus::MetricType::Counter;
    case Kind::kGauge:
      return prometheus::MetricType::Gauge;
    case Kind::kHistogram:
      return prometheus::MetricType::Histogram;
  }
  return prometheus::MetricType::Untyped;
}

// The serializer writes HELP as it is.
std::string escape_help(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\') out += '\\';
    out += c == '\n' ? std::string("\\n") : std::string(1, c);
  }
  return out;
}

}  // namespace

std::string format_bound(double value) {
  std::array<char, 400> digits;  // the largest double has 309 digits before the point
  const auto end =
      std::to_chars(digits.data(), digits.data() + digits.size(), value, std::chars_format::fixed);
  return {digits.data(), end.ptr};
}

std::string_view kind_name(Kind kind) {
  switch (kind) {
    case Kind::kCounter:
      return "counter";
    case Kind::kGauge:
      return "gauge";
    case Kind::kHistogram:
      return "histogram";
  }
  return "untyped";
}

void Exposition::metric(const Metric& metric) {
  metric_ = &metric;
  families_.push_back(
      {std::string(metric.name), escape_help(metric.meaning), type_of(metric.kind), {}});
}

prometheus::ClientMetric& Exposition::add(const LabelValues& labels) {
  prometheus::ClientMetric& one = families_.back().metric.emplace_back();
  for (std::size_t i = 0; i < metric_->labels.size(); ++i) {
    std::string value = i < labels.size() ? labels[i] : "";
    // Values may come from configuration: a byte that is no UTF-8 would spoil the whole page.
    if (!is_valid_utf8(value)) value = escape_control(value);
    one.label.push_back({std::string(metric_->labels[i]), std::move(value)});
  }
  return one;
}

void Exposition::sample(const LabelValues& labels, std::int64_t value) {
  sample(labels, static_cast<double>(value));
}

void Exposition::sample(const LabelValues& labels, double value) {
  prometheus::ClientMetric& one = add(labels);
  if (metric_->kind == Kind::kCounter)
    one.counter.value = value;
  else
    one.gauge.value = value;
}

void Exposition::histogram(const LabelValues& labels, std::span<const std::int64_t> counts,
                           std::int64_t sum) {
  prometheus::ClientMetric::Histogram& out = add(labels).histogram;
  const auto scale = static_cast<double>(metric_->scale);
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    total += static_cast<std::uint64_t>(counts[i]);
    out.bucket.push_back({total, i < metric_->bounds.size()
                                     ? static_cast<double>(metric_->bounds[i]) / scale
                                     : std::numeric_limits<double>::infinity()});
  }
  out.sample_sum = static_cast<double>(sum) / scale;
  out.sample_count = total;
}

std::string Exposition::take() {
  return prometheus::TextSerializer().Serialize(std::exchange(families_, {}));
}

}  // namespace hongyan::metrics
