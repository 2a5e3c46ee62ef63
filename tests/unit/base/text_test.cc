#include "base/text.h"

#include <gtest/gtest.h>

namespace hongyan {
namespace {

TEST(Text, ControlCharactersAreEscapedAndChineseIsKept) {
  EXPECT_EQ(escape_control("你好\x1b[31m\r\n"), "你好\\x1B[31m\\r\\n");
  EXPECT_EQ(escape_control("\xff\xc2\x85"), "\\xFF\\x85");
}

TEST(Text, CsvCellsThatASpreadsheetWouldRunAreDefused) {
  EXPECT_EQ(csv_cell("=1+1"), "'=1+1");
  EXPECT_EQ(csv_cell("@x, \"y\""), "\"'@x, \"\"y\"\"\"");
  EXPECT_EQ(csv_cell("plain"), "plain");
}

TEST(Text, OverlongAndSurrogateFormsAreNoUtf8) {
  EXPECT_TRUE(is_valid_utf8("鸿雁 😀"));
  EXPECT_FALSE(is_valid_utf8("\xC0\xAF"));
  EXPECT_FALSE(is_valid_utf8("\xED\xA0\x80"));
  EXPECT_FALSE(is_valid_utf8("\xE4\xBD"));
}

TEST(Text, NearestOffersOnlyWhatIsClose) {
  const std::vector<std::string> keys{"subject", "reply_to", "recipients"};
  EXPECT_EQ(nearest("subjct", keys), "subject");
  EXPECT_EQ(nearest("zzzzzz", keys), std::nullopt);
}

}  // namespace
}  // namespace hongyan
