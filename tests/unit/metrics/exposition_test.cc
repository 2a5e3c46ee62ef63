#include "metrics/exposition.h"

#include <gtest/gtest.h>

#include <array>
#include <limits>

namespace hongyan::metrics {
namespace {

constexpr std::array<std::string_view, 1> kLabels = {"l"};
constexpr std::array<std::int64_t, 2> kBounds = {1'000'000, 2'500'000'000};

TEST(Exposition, IntegersAreInFull) {
  const Metric metric{.name = "m_total", .meaning = "M."};
  Exposition out;
  out.metric(metric);
  out.sample({}, std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(out.take(), "# HELP m_total M.\n# TYPE m_total counter\nm_total 9223372036854775807\n");
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
  EXPECT_EQ(out.take(), "# HELP m \n# TYPE m gauge\nm{l=\"a\\nb\"} 0.5\n");
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
            "h_bucket{l=\"a\",le=\"0.001\"} 1\n"
            "h_bucket{l=\"a\",le=\"2.5\"} 3\n"
            "h_bucket{l=\"a\",le=\"+Inf\"} 6\n"
            "h_sum{l=\"a\"} 4.5\n"
            "h_count{l=\"a\"} 6\n");
}

TEST(FormatValue, HasNeverAnExponent) {
  EXPECT_EQ(format_value(1e6), "1000000");
  EXPECT_EQ(format_value(1e21), "1000000000000000000000");
  EXPECT_EQ(format_value(1e-7), "0.0000001");
  EXPECT_EQ(format_value(0.0), "0");
  EXPECT_EQ(format_value(std::numeric_limits<double>::quiet_NaN()), "NaN");
  EXPECT_EQ(format_value(-std::numeric_limits<double>::infinity()), "-Inf");
  EXPECT_EQ(format_value(std::numeric_limits<double>::max()).size(), 309U);
}

}  // namespace
}  // namespace hongyan::metrics
