#include "metrics/registry.h"

#include "metrics/catalogue.h"

#include <algorithm>
#include <cassert>

namespace hongyan::metrics {
namespace {

std::size_t slot_count(const Metric& metric) {
  return metric.kind == Kind::kHistogram ? metric.bounds.size() + 2 : 1;
}

}  // namespace

Registry::Series& Registry::series(const Metric& metric, const LabelValues& labels) {
  assert(labels.size() == metric.labels.size());
  auto& all = metrics_[&metric];
  auto at = all.find(labels);
  if (at == all.end() && all.size() >= kMaxSeries) {
    ++series(kSeriesRefused, {}).slots[0];
    at = all.try_emplace(LabelValues(labels.size(), "other")).first;
  } else if (at == all.end()) {
    at = all.try_emplace(labels).first;
  }
  at->second.slots.resize(slot_count(metric));
  return at->second;
}

void Registry::set(const Metric& metric, const LabelValues& labels, std::int64_t value) {
  const std::scoped_lock lock(mutex_);
  Series& found = series(metric, labels);
  found.slots[0] = value;
  found.is_real = false;
}

void Registry::set(const Metric& metric, const LabelValues& labels, double value) {
  const std::scoped_lock lock(mutex_);
  Series& found = series(metric, labels);
  found.real = value;
  found.is_real = true;
}

void Registry::replace(const Metric& metric, std::vector<Sample> samples) {
  const std::scoped_lock lock(mutex_);
  metrics_[&metric].clear();
  for (const Sample& sample : samples) {
    Series& found = series(metric, sample.labels);
    found.real = sample.value;
    found.is_real = true;
  }
}

void Registry::add(const Metric& metric, const LabelValues& labels, std::int64_t delta) {
  const std::scoped_lock lock(mutex_);
  series(metric, labels).slots[0] += delta;
}

std::string Registry::expose() const {
  const std::scoped_lock lock(mutex_);
  Exposition out;
  for (const Metric* metric : catalogue()) {
    const auto found = metrics_.find(metric);
    const bool empty = found == metrics_.end() || found->second.empty();
    if (empty) {
      if (metric->kind == Kind::kCounter && metric->labels.empty() && !metric->billing) {
        out.metric(*metric);
        out.sample({}, std::int64_t{0});
      }
      continue;
    }
    out.metric(*metric);
    for (const auto& [labels, series] : found->second) {
      if (metric->kind == Kind::kHistogram) {
        const std::span slots(series.slots);
        out.histogram(labels, slots.first(slots.size() - 1), slots.back());
      } else if (series.is_real) {
        out.sample(labels, series.real);
      } else {
        out.sample(labels, series.slots[0]);
      }
    }
  }
  return out.take();
}

std::size_t Sheet::place(const Metric& metric, LabelValues labels, std::size_t count) {
  const auto [at, fresh] = known_.try_emplace({&metric, labels}, ranges_.size());
  if (fresh) {
    ranges_.push_back({&metric, std::move(labels), slots_.size(), count});
    slots_.resize(slots_.size() + count);
  }
  return at->second;
}

Counter Sheet::counter(const Metric& metric, LabelValues labels) {
  assert(metric.kind != Kind::kHistogram);
  return Counter{static_cast<std::uint32_t>(ranges_[place(metric, std::move(labels), 1)].first)};
}

Histogram Sheet::histogram(const Metric& metric, LabelValues labels) {
  assert(metric.kind == Kind::kHistogram);
  return Histogram{
      static_cast<std::uint32_t>(place(metric, std::move(labels), slot_count(metric)))};
}

void Sheet::observe(Histogram at, std::int64_t value) {
  const Range& range = ranges_[static_cast<std::size_t>(at)];
  const auto bounds = range.metric->bounds;
  const auto bucket = std::ranges::lower_bound(bounds, value) - bounds.begin();
  ++slots_[range.first + static_cast<std::size_t>(bucket)];
  slots_[range.first + range.count - 1] += value;
}

void Sheet::flush() {
  const std::scoped_lock lock(registry_.mutex_);
  for (const Range& range : ranges_) {
    auto& into = registry_.series(*range.metric, range.labels).slots;
    for (std::size_t i = 0; i < range.count; ++i)
      into[i] += std::exchange(slots_[range.first + i], 0);
  }
}

}  // namespace hongyan::metrics
