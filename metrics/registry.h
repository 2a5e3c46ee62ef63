#pragma once

#include "base/clock.h"
#include "metrics/exposition.h"
#include "metrics/metric.h"

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace hongyan::metrics {

// One row of a gauge whose label sets come and go (jobs by state, oldest due by provider).
struct Sample {
  LabelValues labels;
  double value = 0;
};

// All series of one engine.
//
// Thread: any; one lock, taken once a second per worker (Sheet::flush) and once per scrape.
class Registry {
 public:
  // More label sets than this of one metric share the set whose labels are all `other`.
  static constexpr std::size_t kMaxSeries = 5'000;

  // Sets one integer: gauges and counters whose owner keeps the total itself.
  void set(const Metric& metric, const LabelValues& labels, std::int64_t value);
  void set(const Metric& metric, const LabelValues& labels, double value);
  // Makes `samples` the only series of `metric`.
  void replace(const Metric& metric, std::vector<Sample> samples);
  void add(const Metric& metric, const LabelValues& labels, std::int64_t delta);

  // The text of /metrics, in the order of the catalogue. Metrics without a series are left out;
  // counters without labels are shown as 0 from the start.
  std::string expose() const;

 private:
  friend class Sheet;
  struct Series {
    std::vector<std::int64_t> slots;  // one; histograms: buckets, the rest, the sum
    double real = 0;
    bool is_real = false;
  };
  Series& series(const Metric& metric, const LabelValues& labels);

  mutable std::mutex mutex_;
  std::map<const Metric*, std::map<LabelValues, Series>> metrics_;
};

// Where a series of a sheet is; resolve once, keep it.
enum class Counter : std::uint32_t {};
enum class Histogram : std::uint32_t {};

// One worker's numbers: plain integers, no lock, no atomic.
//
// Owner: a worker. Thread: its own. Call flush() once a second and before the worker ends.
// A gauge kept here is the sum over the workers: count up and down.
class Sheet {
 public:
  explicit Sheet(Registry& registry) : registry_(registry) {}
  ~Sheet() { flush(); }
  Sheet(const Sheet&) = delete;
  Sheet& operator=(const Sheet&) = delete;

  Counter counter(const Metric& metric, LabelValues labels = {});
  Histogram histogram(const Metric& metric, LabelValues labels = {});

  void add(Counter at, std::int64_t delta = 1) { slots_[static_cast<std::size_t>(at)] += delta; }
  // `value` in the unit of Metric::bounds: nanoseconds, or things.
  void observe(Histogram at, std::int64_t value);
  // Of a histogram of durations: from `begun` to now.
  void observe_since(Histogram at, SteadyTime begun) {
    observe(at, std::chrono::nanoseconds(std::chrono::steady_clock::now() - begun).count());
  }

  void flush();

 private:
  struct Range {
    const Metric* metric;
    LabelValues labels;
    std::size_t first;
    std::size_t count;
  };
  std::size_t place(const Metric& metric, LabelValues labels, std::size_t count);

  Registry& registry_;
  std::vector<std::int64_t> slots_;
  std::vector<Range> ranges_;
  std::map<std::pair<const Metric*, LabelValues>, std::size_t> known_;
};

}  // namespace hongyan::metrics
