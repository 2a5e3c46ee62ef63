#include "dns/sts.h"

#include <gtest/gtest.h>

namespace hongyan::dns {
namespace {

constexpr std::string_view kPolicy =
    "version: STSv1\r\nmode: enforce\r\nmx: mail.a.test\r\nmx: *.B.test\r\nmax_age: 604800\r\n";

std::optional<std::string> id(std::vector<std::string> texts) {
  return find_sts_id(texts);
}

TEST(StsRecord, IdIsFoundAmongOtherTexts) {
  EXPECT_EQ(id({"v=spf1 -all", "v=STSv1; id=20261121T0400;"}), "20261121T0400");
  EXPECT_EQ(id({"v=STSv1;id=a1"}), "a1");
  EXPECT_EQ(id({"v=STSv1 ; x=y ; id=a1 ;"}), "a1");
}

TEST(StsRecord, NoneTwoOrBrokenOnesAreNoRecord) {
  EXPECT_FALSE(id({}));
  EXPECT_FALSE(id({"v=STSv1; id=a", "v=STSv1; id=b"}));
  EXPECT_FALSE(id({"v=STSv1"}));
  EXPECT_FALSE(id({"v=STSv1; id="}));
  EXPECT_FALSE(id({"v=STSv1; id=a-b"}));
  EXPECT_FALSE(id({"v=STSv1; id=a; id=b"}));
  EXPECT_FALSE(id({"v=STSv12; id=a"}));
  EXPECT_FALSE(id({"v=STSv1; id=" + std::string(33, 'a')}));
}

TEST(StsPolicyFile, IsRead) {
  const auto policy = parse_sts_policy(kPolicy);
  ASSERT_TRUE(policy) << policy.error().detail;
  EXPECT_EQ(policy->mode, StsPolicy::Mode::kEnforce);
  EXPECT_EQ(policy->mx, (std::vector<std::string>{"mail.a.test", "*.b.test"}));
  EXPECT_EQ(policy->max_age, std::chrono::seconds(604'800));
}

TEST(StsPolicyFile, FirstOfARepeatedFieldCountsAndUnknownOnesArePassedOver) {
  const auto policy = parse_sts_policy(
      "version: STSv1\nmode: testing\nmode: enforce\nfuture: x\nmx: a.test\nmax_age: 99999999999\n"
      "max_age: 5");
  EXPECT_FALSE(policy) << "eleven digits";
  const auto capped = parse_sts_policy(
      "version: STSv1\nmode: testing\nmode: enforce\nfuture: x\nmx: a.test\nmax_age: 9999999999\n");
  ASSERT_TRUE(capped) << capped.error().detail;
  EXPECT_EQ(capped->mode, StsPolicy::Mode::kTesting);
  EXPECT_EQ(capped->max_age, kMaxStsAge);
}

TEST(StsPolicyFile, ModeNoneNeedsNoHost) {
  EXPECT_TRUE(parse_sts_policy("version: STSv1\nmode: none\nmax_age: 60\n"));
}

TEST(StsPolicyFile, WhatIsWrongIsSaidWithItsLine) {
  const struct {
    std::string text;
    std::string_view says;
  } cases[] = {
      {"", "version is missing"},
      {"version: STSv2\n", "line 1: version"},
      {"version: STSv1\nmode: maybe\n", "line 2: mode"},
      {"version: STSv1\nmode: enforce\nmx: a.test\n", "max_age is missing"},
      {"version: STSv1\nmode: enforce\nmax_age: 60\n", "mx is missing"},
      {"version: STSv1\nmode: enforce\nmx: *.*.test\nmax_age: 60\n", "line 3: mx"},
      {"version: STSv1\nmode: enforce\nmx: a.test\nmax_age: -1\n", "line 4: max_age"},
      {"<html>", "line 1: no `key"},
      {std::string(kMaxStsPolicy + 1, ' '), "64 KiB"},
  };
  for (const auto& c : cases) {
    const auto policy = parse_sts_policy(c.text);
    ASSERT_FALSE(policy) << c.says;
    EXPECT_NE(policy.error().detail.find(c.says), std::string::npos) << policy.error().detail;
  }
}

TEST(StsPolicyFile, StarStandsForExactlyOneLabel) {
  const StsPolicy policy{StsPolicy::Mode::kEnforce, {"mail.a.test", "*.b.test"}, {}};
  for (const std::string_view host : {"mail.a.test", "mx1.b.test"})
    EXPECT_TRUE(is_sts_host(policy, host)) << host;
  for (const std::string_view host : {"a.test", "x.mail.a.test", "b.test", "x.y.b.test", ".b.test",
                                      "xb.test", "mail.a.test.evil"})
    EXPECT_FALSE(is_sts_host(policy, host)) << host;
}

}  // namespace
}  // namespace hongyan::dns
