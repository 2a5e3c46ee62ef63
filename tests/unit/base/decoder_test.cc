#include "base/decoder.h"

#include <gtest/gtest.h>

#include <iconv.h>

namespace hongyan {
namespace {

constexpr std::string_view kList = "to,姓名\nli@example.cn,李娜 镕 𠮷\n";

std::string encode(const char* to, std::string_view text) {
  const iconv_t handle = iconv_open(to, "UTF-8");
  std::string in(text);
  std::string out(in.size() * 4 + 16, '\0');
  char* from = in.data();
  char* at = out.data();
  std::size_t in_left = in.size();
  std::size_t out_left = out.size();
  EXPECT_EQ(iconv(handle, &from, &in_left, &at, &out_left), 0u);
  iconv_close(handle);
  out.resize(out.size() - out_left);
  return out;
}

std::string decode(std::string_view bytes, std::size_t chunk,
                   std::optional<Encoding> forced = std::nullopt) {
  Decoder decoder(forced);
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += chunk) decoder.feed(bytes.substr(i, chunk), out);
  decoder.finish(out);
  return out;
}

TEST(Decoder, EveryEncodingOfASpreadsheetIsRecognised) {
  using namespace std::string_literals;
  const std::string list(kList);
  for (const std::string& bytes :
       {list, "\xEF\xBB\xBF" + list, "\xFF\xFE" + encode("UTF-16LE", list),
        "\xFE\xFF" + encode("UTF-16BE", list), encode("UTF-16LE", list), encode("UTF-16BE", list),
        encode("GB18030", list)})
    for (const std::size_t chunk : {std::size_t{1}, std::size_t{3}, std::size_t{100'000}})
      EXPECT_EQ(decode(bytes, chunk), list);
}

TEST(Decoder, LongAsciiFrontLeavesTheDecisionOpen) {
  std::string ascii = "to,name\n";
  while (ascii.size() < 300'000) ascii += "user@example.com,plain\n";
  for (const char* encoding : {"UTF-8", "GB18030"})
    EXPECT_EQ(decode(encode(encoding, ascii + std::string(kList)), 10'000),
              ascii + std::string(kList));
}

TEST(Decoder, MultibyteCharacterMayBeCutAtTheWindow) {
  for (std::size_t shift = 0; shift < 4; ++shift) {
    std::string text(shift, 'x');
    text += "李";
    while (text.size() < 3 * Decoder::kWindow) text += "娜镕";
    EXPECT_EQ(decode(text, 1000), text);
    EXPECT_EQ(decode(encode("GB18030", text), 1000), text);
  }
}

TEST(Decoder, GivenEncodingIsObeyed) {
  // "模模" in GB18030 is valid UTF-8 by accident.
  const std::string bytes = encode("GB18030", "模模");
  EXPECT_NE(decode(bytes, 10), "模模");
  EXPECT_EQ(decode(bytes, 10, Encoding::kGb18030), "模模");
  EXPECT_EQ(decode(encode("UTF-16LE", "李"), 1, Encoding::kUtf16Le), "李");
}

TEST(Decoder, ByteThatDoesNotFitIsMarkedAndTheRestGoesOn) {
  EXPECT_EQ(decode("a,\xFF\n" + encode("GB18030", "李") + "\n", 1), "a,\xFF\n李\n");
  EXPECT_EQ(decode(std::string("a\0\0\xDC"
                               "b\0",
                               6),
                   2, Encoding::kUtf16Le),
            "a\xFF"
            "b");
  EXPECT_EQ(decode(std::string("a\0b", 3), 2, Encoding::kUtf16Le), "a\xFF");
}

TEST(Decoder, EncodingsHaveTheirUsualNames) {
  EXPECT_EQ(parse_encoding("GBK"), Encoding::kGb18030);
  EXPECT_EQ(parse_encoding("utf_16-be"), Encoding::kUtf16Be);
  EXPECT_EQ(parse_encoding("UTF-8"), Encoding::kUtf8);
  EXPECT_FALSE(parse_encoding("latin1"));
}

}  // namespace
}  // namespace hongyan
