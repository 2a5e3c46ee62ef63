#include "metrics/exposition.h"

#include "base/text.h"

#include <array>
#include <charconv>
#include <cmath>

namespace hongyan::metrics {
namespace {

// Values may come from configuration: a byte that is no UTF-8 would spoil the whole page.
std::string escape_label(std::string_view value) {
  std::string copy;
  if (!is_valid_utf8(value)) {
    copy = escape_control(value);
    value = copy;
  }
  std::string out;
  for (const char c : value) {
    if (c == '\n') {
      out += "\\n";
      continue;
    }
    if (c == '\\' || c == '"') out += '\\';
    out += c;
  }
  return out;
}

std::string escape_help(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
    } else {
      if (c == '\\') out += '\\';
      out += c;
    }
  }
  return out;
}

}  // namespace

std::string format_value(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
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
  const std::string name(metric.name);
  text_ += "# HELP " + name + " " + escape_help(metric.meaning) + "\n";
  text_ += "# TYPE " + name + " " + std::string(kind_name(metric.kind)) + "\n";
}

void Exposition::line(std::string_view suffix, const LabelValues& labels, std::string_view bound,
                      const std::string& value) {
  text_ += metric_->name;
  text_ += suffix;
  char before = '{';
  for (std::size_t i = 0; i < metric_->labels.size(); ++i) {
    text_ += before;
    text_ += metric_->labels[i];
    text_ += "=\"" + escape_label(i < labels.size() ? labels[i] : "") + "\"";
    before = ',';
  }
  if (!bound.empty()) {
    text_ += before;
    text_ += "le=\"" + std::string(bound) + "\"";
    before = ',';
  }
  if (before == ',') text_ += '}';
  text_ += ' ' + value + '\n';
}

void Exposition::sample(const LabelValues& labels, std::int64_t value) {
  line("", labels, "", std::to_string(value));
}

void Exposition::sample(const LabelValues& labels, double value) {
  line("", labels, "", format_value(value));
}

void Exposition::histogram(const LabelValues& labels, std::span<const std::int64_t> counts,
                           std::int64_t sum) {
  std::int64_t total = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    total += counts[i];
    const std::string bound = i < metric_->bounds.size()
                                  ? format_value(static_cast<double>(metric_->bounds[i]) /
                                                 static_cast<double>(metric_->scale))
                                  : "+Inf";
    line("_bucket", labels, bound, std::to_string(total));
  }
  const double scaled = static_cast<double>(sum) / static_cast<double>(metric_->scale);
  line("_sum", labels, "", format_value(scaled));
  line("_count", labels, "", std::to_string(total));
}

}  // namespace hongyan::metrics
