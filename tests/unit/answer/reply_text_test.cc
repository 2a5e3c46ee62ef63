#include "engine/answer/reply_text.h"

#include <gtest/gtest.h>

namespace hongyan::answer {
namespace {

struct Case {
  const char* line;
  int code;
  const char* enhanced;
  const char* text;
};

class ReplyLines : public testing::TestWithParam<Case> {};

TEST_P(ReplyLines, CodeStatusAndWordsAreFound) {
  const ReplyLine reply = parse_reply_line(GetParam().line);
  EXPECT_EQ(reply.code, GetParam().code);
  EXPECT_EQ(reply.enhanced, GetParam().enhanced);
  EXPECT_EQ(reply.text, GetParam().text);
}

INSTANTIATE_TEST_SUITE_P(
    Forms, ReplyLines,
    testing::Values(
        Case{"550 5.1.1 no such user", 550, "5.1.1", "no such user"},
        Case{"550 no such user", 550, "", "no such user"},
        Case{"550-5.1.1 no such 550-5.1.1 user 550 5.1.1 here", 550, "5.1.1", "no such user here"},
        Case{"550-no such 550 user", 550, "", "no such user"},
        Case{"host mx.example.net[192.0.2.45] said: 452 4.2.2 full", 452, "4.2.2",
             "host mx.example.net[192.0.2.45] said: full"},
        Case{"smtp; 550 Gone", 550, "", "smtp; Gone"},
        Case{"553 sorry, nobody here (#5.1.1)", 553, "5.1.1", "sorry, nobody here (#5.1.1)"},
        Case{"Connection refused", 0, "", "Connection refused"}, Case{"421", 421, "", ""},
        Case{"", 0, "", ""},
        Case{"port 2550, 192.0.2.550 and 5.1.1.1 are no codes", 0, "",
             "port 2550, 192.0.2.550 and 5.1.1.1 are no codes"},
        Case{"554\t5.7.1\r\n  spam\x01", 554, "5.7.1", "spam"}));

TEST(Readable, GbkBecomesUtf8) {
  EXPECT_EQ(readable("\xd3\xca\xcf\xe4\xc2\xfa"), "邮箱满");
  EXPECT_EQ(readable("邮箱满"), "邮箱满");
}

TEST(Matchable, AddressesAndLongNumbersAreTakenOut) {
  const auto matchable = [](std::string_view text) {
    std::string out;
    append_matchable(text, out);
    return out;
  };
  EXPECT_EQ(matchable("<no.spam+list@x.example>: User unknown"), "<@>: User unknown");
  EXPECT_EQ(matchable("denied...7d39d5299584f4be161127e61f5f5400..."), "denied..#...");
  EXPECT_EQ(matchable("[192.0.2.1] (S3150) OFR004_101 NeRpCgDX1763690000aa"),
            "[#] (S3150) OFR004_101 #");
  EXPECT_EQ(matchable("DT:SPM\t163  mx"), "DT:SPM 163 mx");
}

TEST(Readable, AnyBytesAreBoundedUtf8) {
  const std::string long_text = readable(std::string(100'000, '\xe9'));
  EXPECT_LE(long_text.size(), kMostText);
  EXPECT_EQ(readable(std::string("a\0b\xff", 4)), "a b?");
}

}  // namespace
}  // namespace hongyan::answer
