#include "cli/forget_match.h"

#include <gtest/gtest.h>

namespace hongyan::cli {
namespace {

TEST(ForgetMatch, HoweverTheAddressIsWritten) {
  const ForgetMatch li("Li@Example.CN");
  EXPECT_TRUE(li.is("li@example.cn"));
  EXPECT_TRUE(li.is("  LI@EXAMPLE.cn\t"));
  EXPECT_FALSE(li.is("li@example.cn.evil.example"));
  EXPECT_FALSE(li.is("wli@example.cn"));
  EXPECT_FALSE(li.is(""));
}

TEST(ForgetMatch, TheDomainInEitherForm) {
  EXPECT_TRUE(ForgetMatch("li@例子.cn").is("li@xn--fsqu00a.cn"));
  EXPECT_TRUE(ForgetMatch("li@xn--fsqu00a.cn").is("li@例子.cn"));
}

TEST(ForgetMatch, WhatIsNoAddressMatchesItself) {
  EXPECT_TRUE(ForgetMatch("li@@example").is("LI@@example"));
}

TEST(ForgetMatch, AMentionInsideOtherText) {
  const ForgetMatch li("li@example.cn");
  for (const char* text :
       {R"({"to":"li@example.cn"})", "550 5.1.1 <LI@example.cn> unknown", "user li@example.cn.",
        "'li@example.cn'", "rcpt=li@example.cn;", "xli@example.cn, li@example.cn"})
    EXPECT_TRUE(li.is_in(text)) << text;
}

TEST(ForgetMatch, AnotherPersonsLongerAddressIsNoMention) {
  const ForgetMatch li("li@example.cn");
  for (const char* text : {R"({"to":"wli@example.cn"})", "a.li@example.cn", "x+li@example.cn",
                           "li@example.cn.evil.example", "li@example.cnx", "li@example.cn-x", ""})
    EXPECT_FALSE(li.is_in(text)) << text;
}

}  // namespace
}  // namespace hongyan::cli
