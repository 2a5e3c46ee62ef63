#include "metrics/exposition.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace hongyan::metrics {
namespace {

constexpr std::array<std::string_view, 1> kLabels = {"l"};
constexpr std::array<std::int64_t, 2> kBounds = {1'000'000, 2'500'000'000};

TEST(Exposition, IntegersAreInFull) {
  const Metric metric{.name = "m_total", .meaning = "M."};
  for (const std::int64_t value :
       {std::int64_t{0}, std::int64_t{1'000'000}, std::int64_t{69'146'000},
        std::int64_t{4'000'000'000'000'001}, (std::int64_t{1} << 53) - 1}) {
    Exposition out;
    out.metric(metric);
    out.sample({}, value);
    EXPECT_EQ(out.take(),
              "# HELP m_total M.\n# TYPE m_total counter\nm_total " + std::to_string(value) + "\n");
  }
}

TEST(Exposition, LabelsAndHelpAreEscaped) {
  const Metric metric{
      .name = "m", .kind = Kind::kGauge, .labels = kLabels, .meaning = "a\\b\n\"c\""};
  Exposition out;
  out.metric(metric);
  out.sample({"x\"y\\z\n\xff"}, std::int64_t{-1});
  EXPECT_EQ(out.take(),
            "# HELP m a\\\\b\\n\"c\"\n# TYPE m gauge\nm{l=\"x\\\"y\\\\z\\\\n\\\\xFF\"} -1\n");
}

TEST(Exposition, LineBreakInALabelIsEscaped) {
  const Metric metric{.name = "m", .kind = Kind::kGauge, .labels = kLabels, .meaning = ""};
  Exposition out;
  out.metric(metric);
  out.sample({"a\nb"}, 0.5);
  EXPECT_EQ(out.take(), "# TYPE m gauge\nm{l=\"a\\nb\"} 0.5\n");
}

TEST(Exposition, HistogramIsCumulatedAndScaled) {
  const Metric metric{.name = "h",
                      .kind = Kind::kHistogram,
                      .labels = kLabels,
                      .meaning = "H.",
                      .bounds = kBounds,
                      .scale = 1'000'000'000};
  Exposition out;
  out.metric(metric);
  out.histogram({"a"}, std::array<std::int64_t, 3>{1, 2, 3}, 4'500'000'000);
  EXPECT_EQ(out.take(),
            "# HELP h H.\n# TYPE h histogram\n"
            "h_count{l=\"a\"} 6\n"
            "h_sum{l=\"a\"} 4.5\n"
            "h_bucket{l=\"a\",le=\"0.001\"} 1\n"
            "h_bucket{l=\"a\",le=\"2.5\"} 3\n"
            "h_bucket{l=\"a\",le=\"+Inf\"} 6\n");
}

TEST(FormatBound, HasNeverAnExponent) {
  EXPECT_EQ(format_bound(1e6), "1000000");
  EXPECT_EQ(format_bound(1e-7), "0.0000001");
  EXPECT_EQ(format_bound(2.5), "2.5");
}

}  // namespace
}  // namespace hongyan::metrics
