#include "metrics/catalogue.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>

namespace hongyan::metrics {
namespace {

TEST(Catalogue, DocumentIsTheGeneratedOne) {
  std::ifstream file(HONGYAN_SOURCE_DIR "/docs/METRICS.md");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  EXPECT_EQ(text, catalogue_markdown())
      << "run build/dev/metrics/metrics_doc > docs/METRICS.md and read the difference";
}

TEST(Catalogue, HoldsTheFixedNamesOfTheContract) {
  std::set<std::string> names;
  for (const Metric* metric : catalogue()) {
    std::string name(metric->name);
    for (std::size_t i = 0; i < metric->labels.size(); ++i)
      name += (i == 0 ? "{" : ",") + std::string(metric->labels[i]);
    names.insert(name + (metric->labels.empty() ? "" : "}"));
  }
  EXPECT_THAT(
      names,
      testing::IsSupersetOf(
          {"hongyan_outcomes_total{channel,source,provider,outcome}",
           "hongyan_recipients{channel,state}", "hongyan_invalid_address_ratio{channel}",
           "hongyan_breaker_trips_total{channel}", "hongyan_in_doubt{channel}",
           "hongyan_delivery_phase_seconds{phase}", "hongyan_oldest_due_seconds{channel,provider}",
           "hongyan_billing_messages_total{tenant,channel}",
           "hongyan_billing_charged_micro_yuan_total{tenant,channel}",
           "hongyan_billing_balance_micro_yuan{tenant}", "hongyan_billing_rollup_lag_seconds",
           "hongyan_redis_durable"}));
}

TEST(Catalogue, NamesFollowTheRules) {
  std::set<std::string_view> seen;
  for (const Metric* metric : catalogue()) {
    const std::string_view name = metric->name;
    EXPECT_TRUE(seen.insert(name).second) << name;
    EXPECT_TRUE(name.starts_with("hongyan_")) << name;
    EXPECT_EQ(metric->kind == Kind::kCounter, name.ends_with("_total")) << name;
    EXPECT_EQ(metric->kind == Kind::kHistogram, !metric->bounds.empty()) << name;
    EXPECT_TRUE(std::ranges::is_sorted(metric->bounds)) << name;
    EXPECT_FALSE(metric->meaning.empty()) << name;
    for (const std::string_view label : metric->labels) {
      EXPECT_NE(label, "job");
      EXPECT_TRUE(label != "tenant" || metric->billing) << name;
    }
  }
}

}  // namespace
}  // namespace hongyan::metrics
