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

TEST(ForgetMatch, AListItemWhateverItsEscapes) {
  const ForgetMatch li("li@xn--fsqu00a.cn");
  EXPECT_TRUE(li.is_in_list("{\"block\":1}\n{\"to\":\"li@\\u4f8b\\u5b50.cn\"}\n"));
  EXPECT_TRUE(li.is_in_list("{\"to\":\"x@y.example\",\"vars\":{\"cc\":\"li@xn--fsqu00a.cn\"}}"));
  EXPECT_TRUE(li.is_in_list("broken li@xn--fsqu00a.cn line"));
  EXPECT_FALSE(li.is_in_list("{\"block\":1}\n{\"to\":\"wli@xn--fsqu00a.cn\"}\n"));
  EXPECT_FALSE(li.is_in_list(""));
}

TEST(ForgetMatch, ADocumentByItsListOnly) {
  const ForgetMatch li("li@example.cn");
  EXPECT_TRUE(li.is_in_document(R"({"id":"a","recipients":{"list":[{"to":"LI@example.cn"}]}})"));
  EXPECT_FALSE(li.is_in_document(
      R"({"from":{"address":"li@example.cn"},"recipients":{"list":[{"to":"x@example.cn"}]}})"));
  EXPECT_FALSE(li.is_in_document(R"({"recipients":{"key":"hongyan:{a}:recipients"}})"));
  EXPECT_TRUE(li.is_in_document("{broken li@example.cn"));
}

}  // namespace
}  // namespace hongyan::cli
