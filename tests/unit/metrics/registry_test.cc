#include "metrics/registry.h"

#include "metrics/catalogue.h"
#include "metrics/process.h"

#include <gmock/gmock.h>

#include <thread>

namespace hongyan::metrics {
namespace {

using testing::HasSubstr;
using testing::Not;

const LabelValues kDelivered = {"quality", "a", "other", "delivered"};
constexpr const char* kDeliveredLine =
    "hongyan_outcomes_total{channel=\"quality\",source=\"a\",provider=\"other\",outcome="
    "\"delivered\"} ";

TEST(Sheet, NumbersAreSeenAfterFlushOnly) {
  Registry registry;
  Sheet sheet(registry);
  const Counter counter = sheet.counter(kOutcomes, kDelivered);
  sheet.add(counter);
  sheet.add(counter, 2);
  EXPECT_THAT(registry.expose(), Not(HasSubstr(kDeliveredLine)));
  sheet.flush();
  sheet.flush();
  EXPECT_THAT(registry.expose(), HasSubstr(kDeliveredLine + std::string("3\n")));
}

TEST(Sheet, SameLabelsAreOneSeries) {
  Registry registry;
  Sheet sheet(registry);
  EXPECT_EQ(sheet.counter(kOutcomes, kDelivered), sheet.counter(kOutcomes, kDelivered));
}

TEST(Sheet, GaugeIsTheSumOverWorkers) {
  Registry registry;
  Sheet one(registry);
  Sheet two(registry);
  one.add(one.counter(kSmtpConnections, {"netease"}), 5);
  two.add(two.counter(kSmtpConnections, {"netease"}), 3);
  one.flush();
  two.flush();
  one.add(one.counter(kSmtpConnections, {"netease"}), -2);
  one.flush();
  EXPECT_THAT(registry.expose(), HasSubstr("hongyan_smtp_connections{provider=\"netease\"} 6\n"));
}

TEST(Sheet, HistogramCountsABoundInItsOwnBucket) {
  Registry registry;
  Sheet sheet(registry);
  const Histogram sizes = sheet.histogram(kSettleBatch);
  for (const std::int64_t size : {1, 2, 3, 512, 513}) sheet.observe(sizes, size);
  sheet.flush();
  const std::string text = registry.expose();
  EXPECT_THAT(text, HasSubstr("hongyan_settle_batch_size_bucket{le=\"1\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("hongyan_settle_batch_size_bucket{le=\"2\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("hongyan_settle_batch_size_bucket{le=\"4\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("hongyan_settle_batch_size_bucket{le=\"512\"} 4\n"));
  EXPECT_THAT(text, HasSubstr("hongyan_settle_batch_size_bucket{le=\"+Inf\"} 5\n"));
  EXPECT_THAT(text, HasSubstr("hongyan_settle_batch_size_sum 1031\n"));
}

TEST(Sheet, ManyThreadsLoseNothing) {
  Registry registry;
  {
    std::vector<std::jthread> workers;
    for (int i = 0; i < 4; ++i)
      workers.emplace_back([&registry] {
        Sheet sheet(registry);
        const Counter counter = sheet.counter(kDeadLetters);
        for (int n = 0; n < 1000; ++n) {
          sheet.add(counter);
          if (n % 50 == 0) sheet.flush();
        }
      });
  }
  EXPECT_THAT(registry.expose(), HasSubstr("hongyan_dead_letters_total 4000\n"));
}

TEST(Registry, ReplaceForgetsOldLabelSets) {
  Registry registry;
  registry.replace(kJobs, {{{"running"}, 2}, {{"paused"}, 1}});
  registry.replace(kJobs, {{{"running"}, 3}});
  EXPECT_THAT(registry.expose(), HasSubstr("hongyan_jobs{state=\"running\"} 3\n"));
  EXPECT_THAT(registry.expose(), Not(HasSubstr("paused")));
}

TEST(Registry, CountersWithoutLabelsBeginAtZero) {
  EXPECT_THAT(Registry().expose(), HasSubstr("hongyan_escaped_exceptions_total 0\n"));
}

TEST(Registry, LabelSetsAreBounded) {
  Registry registry;
  for (std::size_t i = 0; i < Registry::kMaxSeries + 7; ++i)
    registry.add(kJobs, {std::to_string(i)}, 1);
  EXPECT_THAT(registry.expose(), HasSubstr("hongyan_jobs{state=\"other\"} 7\n"));
  EXPECT_THAT(registry.expose(), HasSubstr("hongyan_metric_series_refused_total 7\n"));
}

TEST(RecordProcess, ShowsMemoryAndFiles) {
  Registry registry;
  record_process(registry);
  EXPECT_THAT(registry.expose(),
              testing::ContainsRegex("hongyan_process_resident_memory_bytes [1-9][0-9]+\n"));
  EXPECT_THAT(registry.expose(), testing::ContainsRegex("hongyan_process_open_fds [1-9]"));
}

}  // namespace
}  // namespace hongyan::metrics
