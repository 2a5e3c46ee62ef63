#include "mailbox/imap/command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hongyan::imap {
namespace {

using ::testing::ElementsAre;

Capabilities offering(const std::vector<std::string>& words) {
  Capabilities made;
  made.set(words);
  return made;
}

TEST(CommandWriter, QuotesWhatMayBeQuotedAndWaitsBeforeALiteral) {
  EXPECT_THAT(CommandWriter({}, "LOGIN").string("a b").string("p\"w").string("密").parts(),
              ElementsAre("LOGIN \"a b\" {3}\r\n", "p\"w {3}\r\n", "密\r\n"));
  EXPECT_THAT(CommandWriter({}, "X").string("").word("(a)").parts(), ElementsAre("X \"\" (a)\r\n"));
}

TEST(CommandWriter, DoesNotWaitWhereTheServerNeedNot) {
  const std::string big(5000, 'x');
  EXPECT_THAT(CommandWriter(offering({"literal+"}), "X").literal(big).parts(),
              ElementsAre("X {5000+}\r\n" + big + "\r\n"));
  EXPECT_THAT(CommandWriter(offering({"LITERAL-"}), "X").literal("ab").literal(big).parts(),
              ElementsAre("X {2+}\r\nab {5000}\r\n", big + "\r\n"));
}

TEST(CommandWriter, NoLineEndLeavesAString) {
  EXPECT_THAT(CommandWriter({}, "X").string("a\r\nA2 DELETE INBOX").parts(),
              ElementsAre("X {18}\r\n", "a\r\nA2 DELETE INBOX\r\n"));
}

TEST(UidSet, RunsBecomeRanges) {
  EXPECT_EQ(uid_set({1, 2, 3, 7, 9, 10}), "1:3,7,9:10");
  EXPECT_EQ(uid_set({4294967294, 4294967295}), "4294967294:4294967295");
  EXPECT_EQ(uid_set({}), "");
}

TEST(InternalDate, GoesThereAndBack) {
  const WallTime at = from_unix_ms(1767578400'000);
  EXPECT_EQ(format_internal_date(at), " 5-Jan-2026 02:00:00 +0000");
  EXPECT_EQ(parse_internal_date(" 5-Jan-2026 02:00:00 +0000"), at);
  EXPECT_EQ(parse_internal_date("05-jan-2026 10:00:00 +0800"), at);
  EXPECT_EQ(parse_internal_date("04-Jan-2026 22:30:00 -0330"), at);
  for (const char* text :
       {"", "x", "5-Foo-2026 02:00:00 +0000", "31-Feb-2026 02:00:00 +0000",
        "5-Jan-2026 02:00 +0000", "5-Jan-2026 25:00:00 +0000", "5-Jan-2026 02:00:00 CET",
        "-5-Jan-2026 02:00:00 +0000", "5-Jan-99999 02:00:00 +0000", "5-Jan-2026 02:00:00 +08x0"})
    EXPECT_EQ(parse_internal_date(text), std::nullopt) << text;
}

}  // namespace
}  // namespace hongyan::imap
