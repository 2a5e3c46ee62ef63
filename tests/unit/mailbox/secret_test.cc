#include "mailbox/catalogue/secret.h"

#include "tests/unit/mailbox/built_in.h"

#include <gtest/gtest.h>

namespace hongyan::mailbox {
namespace {

NormalisedSecret normalised(std::string_view provider, std::string_view pasted) {
  return normalise_secret(built_in().setup_of(*built_in().by_id(provider)), pasted);
}

TEST(Secret, GmailLosesBlanksAndHyphens) {
  for (const char* pasted : {"abcd efgh ijkl mnop", "abcd-efgh-ijkl-mnop", " abcdefghijklmnop\r\n",
                             "abcd\u00A0efgh\u2011ijkl\u2013mnop", "\uFEFFabcdefgh\u200Bijklmnop",
                             "\u3000ａｂｃｄefghijklmnop"}) {
    const auto made = normalised("gmail", pasted);
    EXPECT_EQ(made.secret.reveal(), "abcdefghijklmnop") << pasted;
    EXPECT_TRUE(made.warning.empty()) << made.warning.en;
  }
}

TEST(Secret, AppleKeepsItsHyphens) {
  for (const char* pasted :
       {"abcd-efgh-ijkl-mnop", " abcd-efgh-ijkl-mnop ", "abcd\u2013efgh-ijkl-mnop"}) {
    const auto made = normalised("icloud", pasted);
    EXPECT_EQ(made.secret.reveal(), "abcd-efgh-ijkl-mnop") << pasted;
    EXPECT_TRUE(made.warning.empty()) << made.warning.en;
  }
  EXPECT_FALSE(normalised("icloud", "abcdefghijklmnop").warning.empty());
}

TEST(Secret, AChosenPasswordIsOnlyUnwrapped) {
  const auto made = normalised("aliyun", "\n pass - wo\u3000rd２ \u00A0");
  EXPECT_EQ(made.secret.reveal(), "pass - wo\u3000rd２");
  EXPECT_TRUE(made.warning.empty());
}

TEST(Secret, AWrongLengthIsToldBeforeTheFirstTry) {
  const auto made = normalised("netease", "Secret123");
  EXPECT_EQ(made.secret.reveal(), "Secret123");
  EXPECT_NE(made.warning.en.find("9 characters"), std::string::npos) << made.warning.en;
  EXPECT_NE(made.warning.zh.find("长度为 9，应为 16"), std::string::npos) << made.warning.zh;
}

TEST(Secret, CharactersThatNoCodeHasAreTold) {
  const auto made = normalised("qq", "abcdefghijklmno1");
  EXPECT_NE(made.warning.en.find("has only letters"), std::string::npos) << made.warning.en;
  EXPECT_FALSE(normalised("netease_ent", "abcdefgh!jklmnop").warning.empty());
  EXPECT_FALSE(normalised("netease_ent", "密码密码密码密码").warning.empty());
  EXPECT_TRUE(normalised("netease_ent", "ABCDefgh12345678").warning.empty());
}

TEST(Secret, ARangeOfLengthsIsARange) {
  EXPECT_TRUE(normalised("zoho", "abcdefghijkl").warning.empty());
  EXPECT_TRUE(normalised("zoho", "abcdefghijklmnop").warning.empty());
  EXPECT_NE(normalised("zoho", "abcdefghijk").warning.en.find("12-16"), std::string::npos);
}

TEST(Secret, OutlookTakesNone) {
  EXPECT_NE(normalised("outlook", "abcdefghijklmnop").warning.en.find("refuses every password"),
            std::string::npos);
}

TEST(Secret, NothingIsToldAsNothing) {
  EXPECT_NE(normalised("sohu", " \u3000\n").warning.en.find("Nothing was given"),
            std::string::npos);
}

TEST(Secret, WarningsNeverHoldTheSecret) {
  for (const Provider& provider : built_in().providers())
    for (const char* pasted : {"hunter2-Zq", "Pa$$w0rdZq!!", "Zq密码"}) {
      const auto made = normalised(provider.id, pasted);
      EXPECT_EQ(made.warning.en.find("Zq"), std::string::npos) << provider.id;
      EXPECT_EQ(made.warning.zh.find("Zq"), std::string::npos) << provider.id;
    }
}

TEST(Secret, AnyBytesAreSafe) {
  for (const char* pasted : {"\xEF", "\xEF\xBC", "\xEF\xBC\xFF", "\xC2", "\xE3\x80", "\xFF\xFE"})
    for (const char* provider : {"gmail", "icloud", "aliyun", "sohu"})
      (void)normalised(provider, pasted);
}

}  // namespace
}  // namespace hongyan::mailbox
