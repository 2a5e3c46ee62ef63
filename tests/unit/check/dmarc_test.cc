#include "engine/check/dmarc.h"

#include <gtest/gtest.h>

namespace hongyan::check {
namespace {

TEST(Dmarc, RecordsAreReadWithBlanksAndAnyCaseOfNames) {
  const auto record =
      parse_dmarc("v=DMARC1 ; P=Quarantine; sp=none;aspf=s; adkim = r; rua=mailto:a@acme.example;");
  ASSERT_TRUE(record) << record.error();
  EXPECT_EQ(record->policy, "quarantine");
  EXPECT_EQ(record->subdomain_policy, "none");
  EXPECT_TRUE(record->strict_spf);
  EXPECT_FALSE(record->strict_dkim);
  EXPECT_TRUE(record->has_reports);
}

TEST(Dmarc, WhatIsNoRecord) {
  EXPECT_TRUE(is_dmarc("v=DMARC1; p=none"));
  EXPECT_TRUE(is_dmarc("v=DMARC1"));
  for (const char* text :
       {"", "v=DMARC10; p=none", "v=dmarc1; p=none", "p=none; v=DMARC1", "v=spf1 -all"})
    EXPECT_FALSE(is_dmarc(text)) << text;
}

TEST(Dmarc, BrokenRecordsSayWhy) {
  for (const char* text : {"v=DMARC1", "v=DMARC1; p=monitor", "v=DMARC1; p=",
                           "v=DMARC1; p=none; aspf=x", "v=DMARC1; rua=mailto:a@b.example"})
    EXPECT_FALSE(parse_dmarc(text)) << text;
  EXPECT_EQ(parse_dmarc("v=DMARC1; p=monitor").error(),
            "p=monitor is no policy: none, quarantine, reject");
}

TEST(Dmarc, AlignmentRelaxedAndStrict) {
  EXPECT_TRUE(is_aligned("bounce.acme.com.cn", "news.acme.com.cn", false));
  EXPECT_FALSE(is_aligned("bounce.acme.com.cn", "acme.com.cn", true));
  EXPECT_TRUE(is_aligned("Acme.com.cn", "acme.com.cn", true));
  EXPECT_FALSE(is_aligned("other.com.cn", "acme.com.cn", false));
}

}  // namespace
}  // namespace hongyan::check
