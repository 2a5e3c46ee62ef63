#include "mailbox/imap/response_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace hongyan::imap {
namespace {

using ::testing::ElementsAre;
using Status = ResponseReader::Status;

struct Cut {
  std::vector<std::string> responses;
  Status last = Status::kNeedMore;
};

// Feeds pieces of `step` bytes and collects what is cut out of them.
Cut cut(std::string_view bytes, std::size_t step, const Limits& limits = {}) {
  ResponseReader reader(limits);
  Cut made;
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    std::string_view piece = bytes.substr(at, step);
    do {
      made.last = reader.read(piece);
      if (made.last == Status::kResponse) made.responses.emplace_back(reader.response());
      if (made.last == Status::kMalformed || made.last == Status::kTooLarge) return made;
    } while (!piece.empty());
  }
  return made;
}

TEST(ResponseReader, CutsTheSameResponsesHoweverTheBytesAreTorn) {
  const std::string_view bytes =
      "* OK ready {5}\r\n"
      "* 1 FETCH (BODY[TEXT] {7}\r\na\r\nb)\r\n UID 3)\r\n"
      "* LIST () \"/\" {3+}\r\nabc\r\n"
      "* LIST () \"/\" {0}\r\n\r\n"
      "+ go {3}\r\n"
      "A1 OK done\n";
  for (std::size_t step = 1; step <= bytes.size(); ++step)
    EXPECT_THAT(cut(bytes, step).responses,
                ElementsAre("* OK ready {5}", "* 1 FETCH (BODY[TEXT] {7}\r\na\r\nb)\r\n UID 3)",
                            "* LIST () \"/\" {3+}\r\nabc", "* LIST () \"/\" {0}\r\n", "+ go {3}",
                            "A1 OK done"))
        << step;
}

TEST(ResponseReader, KnowsWhenAResponseHasBegun) {
  ResponseReader reader;
  EXPECT_FALSE(reader.in_the_middle());
  std::string_view piece = "* OK";
  EXPECT_EQ(reader.read(piece), Status::kNeedMore);
  EXPECT_TRUE(reader.in_the_middle());
  piece = "\r\n";
  EXPECT_EQ(reader.read(piece), Status::kResponse);
  EXPECT_FALSE(reader.in_the_middle());
}

TEST(ResponseReader, EndlessThingsEndAtTheirLimit) {
  const Limits limits{.line = 100, .literal = 50, .response = 200, .depth = 4, .values = 10};
  const auto literal = [](std::size_t size) {
    return " {" + std::to_string(size) + "}\r\n" + std::string(size, 'x');
  };
  for (const std::string& bytes :
       {std::string(101, 'x'), "* " + literal(51),
        "* " + literal(40) + literal(40) + literal(40) + literal(40) + literal(40),
        std::string("* {99999999999999999999999999}\r\n"),
        std::string("* {18446744073709551615}\r\n")})
    for (const std::size_t step : {1u, 7u, 1000u})
      EXPECT_EQ(cut(bytes, step, limits).last, Status::kTooLarge) << bytes;
}

TEST(ResponseReader, ManyShortLinesBetweenLiteralsCountToo) {
  const Limits limits{.line = 100, .literal = 50, .response = 100'000, .depth = 4, .values = 10};
  std::string bytes = "* 1 FETCH (";
  for (int i = 0; i < 50; ++i) bytes += "x {1}\r\ny";
  EXPECT_EQ(cut(bytes, 13, limits).last, Status::kTooLarge);
}

TEST(ResponseReader, AZeroByteInALineIsMalformed) {
  EXPECT_EQ(cut(std::string_view("* OK a\0b\r\n", 10), 3).last, Status::kMalformed);
}

TEST(ResponseReader, OnlyDigitsInBracesAnnounceALiteral) {
  for (const char* line : {"* X {}", "* X {a}", "* X {-1}", "* X {1", "* X 1}", "* X {1}x"})
    EXPECT_THAT(cut(std::string(line) + "\r\n", 4).responses, ElementsAre(line));
}

}  // namespace
}  // namespace hongyan::imap
