#include "engine/tlsrpt/tally.h"

#include <gtest/gtest.h>

namespace hongyan::tlsrpt {
namespace {

const Session kExpired{"x.example",
                       PolicyType::kSts,
                       "certificate-expired",
                       "mx.x.example",
                       "192.0.2.1",
                       "198.51.100.7",
                       "tls-unverified: certificate has expired"};

TEST(TlsField, ComesBackAsItWas) {
  const auto failed = parse_field(to_field(kExpired));
  ASSERT_TRUE(failed);
  EXPECT_EQ(to_field(*failed), to_field(kExpired));
  EXPECT_EQ(failed->receiver, "198.51.100.7");
  EXPECT_EQ(failed->reason, kExpired.reason);
  const PolicyText text{"x.example", PolicyType::kSts, {"version: STSv1", "mx: *.x.example"}};
  const auto policy = parse_policy_field(to_field(text));
  ASSERT_TRUE(policy);
  EXPECT_EQ(policy->lines, text.lines);
}

TEST(TlsField, OfASuccessHasNoMoreThanTheReportAsksFor) {
  Session fine = kExpired;
  fine.result.clear();
  EXPECT_EQ(to_field(fine), "x.example|sts|ok");
  EXPECT_TRUE(parse_field("x.example|sts|ok")->result.empty());
}

TEST(TlsField, NamesThatAreNoneCannotShiftTheParts) {
  Session odd = kExpired;
  odd.mx = "mx|evil\r\n\xff.example";
  EXPECT_EQ(parse_field(to_field(odd))->mx, "mx?evil???.example");
}

TEST(TlsField, WhatIsNoneIsNotRead) {
  for (const std::string_view field :
       {"", "unlisted", "x|sts", "|sts|ok", "x|what|ok", "x|sts|ok|more",
        "x|sts|certificate-expired|mx", "x|sts|policy|mx: a"})
    EXPECT_FALSE(parse_field(field)) << field;
  EXPECT_FALSE(parse_policy_field("x|sts|ok"));
}

TEST(TlsField, LongPoliciesLoseWholeLines) {
  PolicyText text{"x.example", PolicyType::kSts, {}};
  for (int i = 0; i < 300; ++i) text.lines.push_back("mx: host" + std::to_string(i) + ".x.example");
  const auto read = parse_policy_field(to_field(text));
  ASSERT_LT(read->lines.size(), 300U);
  EXPECT_EQ(read->lines.back(), text.lines[read->lines.size() - 1]);
}

TEST(TlsTally, CountsByDayAndKind) {
  Tally tally;
  tally.add(from_unix_ms(1'767'225'599'999), "a");  // 2025-12-31, the last millisecond
  tally.add(from_unix_ms(1'767'225'600'000), "a");
  tally.add(from_unix_ms(1'767'225'600'000), "a");
  const auto [first, one] = tally.take_day();
  EXPECT_EQ(first, "2025-12-31");
  EXPECT_EQ(one.at("a"), 1);
  const auto [second, two] = tally.take_day();
  EXPECT_EQ(second, "2026-01-01");
  EXPECT_EQ(two.at("a"), 2);
  EXPECT_TRUE(tally.empty());
}

TEST(TlsTally, IsBounded) {
  Tally tally;
  for (std::size_t i = 0; i < Tally::kMostKinds + 7; ++i)
    tally.add("2026-11-20", std::to_string(i), 1);
  const auto [day, fields] = tally.take_day();
  EXPECT_EQ(fields.size(), Tally::kMostKinds + 1);
  EXPECT_EQ(fields.at(std::string(kUnlisted)), 7);
}

}  // namespace
}  // namespace hongyan::tlsrpt
