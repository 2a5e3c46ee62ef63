#include "engine/dkim/canonical.h"

#include "base/base64.h"

#include <gtest/gtest.h>

#include <string>

namespace hongyan::dkim {
namespace {

std::string relaxed(std::string_view field) {
  std::string out;
  append_relaxed_field(field, out);
  return out;
}

std::string text_of(const Digest& digest) {
  return encode_base64({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

std::string body_hash(std::string_view body) {
  BodyHasher hasher;
  hasher.add(body);
  return text_of(hasher.finish());
}

std::string hash(std::string_view text) {
  return text_of(sha256(text));
}

// RFC 6376 3.4.5.
TEST(RelaxedField, ExamplesOfTheRfc) {
  EXPECT_EQ(relaxed("A: X\r\n"), "a:X\r\n");
  EXPECT_EQ(relaxed("B : Y\t\r\n\tZ  \r\n"), "b:Y Z\r\n");
}

TEST(RelaxedField, FoldsBlanksAndCaseGo) {
  EXPECT_EQ(relaxed("SUBJECT:a\r\n  b\t \t c"), "subject:a b c\r\n");
  EXPECT_EQ(relaxed("List-Id \t:\r\n <x.example>\r\n"), "list-id:<x.example>\r\n");
  EXPECT_EQ(relaxed("X:\r\n"), "x:\r\n");
  EXPECT_EQ(relaxed("X-Mixed: KEEP Case: yes\r\n"), "x-mixed:KEEP Case: yes\r\n");
}

TEST(BodyHasher, ExampleOfTheRfc) {
  EXPECT_EQ(body_hash(" C \r\nD \t E\r\n\r\n\r\n"), hash(" C\r\nD E\r\n"));
}

// RFC 6376 3.4.4 gives this value.
TEST(BodyHasher, EmptyBodyIsTheHashOfNothing) {
  const std::string nothing = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
  EXPECT_EQ(body_hash(""), nothing);
  EXPECT_EQ(body_hash("\r\n\r\n\r\n"), nothing);
  EXPECT_EQ(body_hash("  \r\n\t\r\n"), nothing);
}

TEST(BodyHasher, LastLineIsEndedAndEmptyLinesBetweenStay) {
  EXPECT_EQ(body_hash("a"), hash("a\r\n"));
  EXPECT_EQ(body_hash("a \t"), hash("a\r\n"));
  EXPECT_EQ(body_hash("\r\n\r\na\r\n \r\nb\r\n"), hash("\r\n\r\na\r\n\r\nb\r\n"));
}

TEST(BodyHasher, LoneCrAndLfAreBytes) {
  EXPECT_EQ(body_hash("a \r b\n\r\n"), hash("a \r b\n\r\n"));
  EXPECT_EQ(body_hash("a\r"), hash("a\r\r\n"));
  EXPECT_EQ(body_hash("a\r\r\n"), hash("a\r\r\n"));
}

TEST(BodyHasher, BordersOfPiecesDoNotMatter) {
  std::string body = "\r\n One  two\t\r\n\r\n\r\nthree \r lone\r\n=20 \r\n\r\n";
  body += std::string(5000, 'x') + "  " + std::string(9000, 'y') + "\r\n \r\n";
  const std::string whole = body_hash(body);
  for (const std::size_t step : {1, 2, 3, 7, 4096}) {
    BodyHasher hasher;
    for (std::size_t at = 0; at < body.size(); at += step)
      hasher.add(std::string_view(body).substr(at, step));
    EXPECT_EQ(text_of(hasher.finish()), whole) << step;
  }
}

}  // namespace
}  // namespace hongyan::dkim
