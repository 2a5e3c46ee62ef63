#include "base/base64.h"

#include <gtest/gtest.h>

namespace hongyan {
namespace {

TEST(Base64, WritesBothAlphabetsWithPadding) {
  EXPECT_EQ(encode_base64("\xfb\xff"), "+/8=");
  EXPECT_EQ(encode_base64("\xfb\xff", Base64Kind::kUrl), "-_8=");
  EXPECT_EQ(encode_base64(""), "");
}

TEST(Base64, DecodesWhatItWrites) {
  std::string bytes;
  for (int byte = 0; byte < 256; ++byte) {
    bytes.push_back(static_cast<char>(byte));
    EXPECT_EQ(decode_base64(encode_base64(bytes)), bytes);
    EXPECT_EQ(decode_base64(encode_base64(bytes, Base64Kind::kUrl), Base64Kind::kUrl), bytes);
  }
}

TEST(Base64, PaddingMayLackInUrlsOnly) {
  EXPECT_EQ(decode_base64("-_8", Base64Kind::kUrl), "\xfb\xff");
  EXPECT_FALSE(decode_base64("+/8"));
}

TEST(Base64, AnythingElseIsRefused) {
  for (const char* text : {"abc", "ab!=", "-_8=", "a===", "====", "AA==AA==", "AHVz\r\nZXIA"})
    EXPECT_FALSE(decode_base64(text)) << text;
  EXPECT_FALSE(decode_base64("+/9=")) << "bits that no byte has";
}

}  // namespace
}  // namespace hongyan
