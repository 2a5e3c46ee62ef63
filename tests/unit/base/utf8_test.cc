#include "base/utf8.h"

#include <gtest/gtest.h>

namespace hongyan {
namespace {

std::string utf8(char32_t point) {
  std::string out;
  append_utf8(out, point);
  return out;
}

TEST(Utf8, CodePointsOfEveryLengthAreWritten) {
  EXPECT_EQ(utf8(0x7F), "\x7F");
  EXPECT_EQ(utf8(0x80), "\xC2\x80");
  EXPECT_EQ(utf8(0x7FF), "\xDF\xBF");
  EXPECT_EQ(utf8(0x800), "\xE0\xA0\x80");
  EXPECT_EQ(utf8(U'鸿'), "鸿");
  EXPECT_EQ(utf8(0xFFFF), "\xEF\xBF\xBF");
  EXPECT_EQ(utf8(0x10000), "\xF0\x90\x80\x80");
  EXPECT_EQ(utf8(0x10FFFF), "\xF4\x8F\xBF\xBF");
}

}  // namespace
}  // namespace hongyan
