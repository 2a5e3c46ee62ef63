#include "engine/job/canonical.h"

#include <gtest/gtest.h>

#include <bit>

namespace hongyan::job {
namespace {

std::string canonical(std::string_view text) {
  return *canonical_json(*parse_json(text));
}

TEST(Canonical, NumbersArePrintedAsEcmascriptDoes) {
  struct Case {
    std::uint64_t bits;
    std::string_view text;
  };
  // From the table of RFC 8785 appendix B.
  for (const Case& c :
       std::initializer_list<Case>{{0x0000000000000000, "0"},
                                   {0x8000000000000000, "0"},
                                   {0x0000000000000001, "5e-324"},
                                   {0x8000000000000001, "-5e-324"},
                                   {0x7fefffffffffffff, "1.7976931348623157e+308"},
                                   {0x4340000000000000, "9007199254740992"},
                                   {0xc340000000000000, "-9007199254740992"},
                                   {0x4430000000000000, "295147905179352830000"},
                                   {0x44b52d02c7e14af5, "9.999999999999997e+22"},
                                   {0x44b52d02c7e14af6, "1e+23"},
                                   {0x44b52d02c7e14af7, "1.0000000000000001e+23"},
                                   {0x444b1ae4d6e2ef4e, "999999999999999700000"},
                                   {0x444b1ae4d6e2ef4f, "999999999999999900000"},
                                   {0x444b1ae4d6e2ef50, "1e+21"},
                                   {0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7"},
                                   {0x3eb0c6f7a0b5ed8d, "0.000001"},
                                   {0x41b3de4355555553, "333333333.3333332"},
                                   {0xbecbf647612f3696, "-0.0000033333333333333333"},
                                   {0x43143ff3c1cb0959, "1424953923781206.2"}})
    EXPECT_EQ(ecmascript_number(std::bit_cast<double>(c.bits)), c.text);
}

TEST(Canonical, SpellingsOfOneDocumentAgree) {
  EXPECT_EQ(canonical(R"({ "b" : [1.0, 1e2, -0], "a":"\u674e\/\u0041\u0001\n" })"),
            "{\"a\":\"李/A\\u0001\\n\",\"b\":[1,100,0]}");
}

TEST(Canonical, KeysAreSortedByUtf16CodeUnits) {
  // U+1F600 is D83D DE00 in UTF-16 and sorts before U+FB33, though its UTF-8 is greater.
  EXPECT_EQ(canonical(R"({"\uFB33":1,"\uD83D\uDE00":2,"\u00f6":3,"1":4,"":5,"\u20ac":6})"),
            "{\"\":5,\"1\":4,\"ö\":3,\"€\":6,\"\xF0\x9F\x98\x80\":2,\"\xEF\xAC\xB3\":1}");
}

TEST(Canonical, NumberBeyondDoublesIsAFault) {
  EXPECT_FALSE(canonical_json(*parse_json("[1e400]")));
}

TEST(Canonical, DigestIsSha256) {
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace
}  // namespace hongyan::job
