#include "dns/wire.h"

#include "tests/unit/dns/wire_builder.h"

#include <gtest/gtest.h>

#include <random>

namespace hongyan::dns {
namespace {

constexpr int kQuestionName = 12;  // offset of the question's name

Result<Answer> parse(const WireBuilder& b, std::string_view question, Type type) {
  return parse_answer(b.bytes, question, type);
}

TEST(DnsWire, MxRecordsComeWithTheLeastTtl) {
  WireBuilder b("Example.Test", Type::kMx, 2);
  b.mx("example.TEST", 300, 20, "B.example.test").mx("example.test", 60, 10, "a.example.test");
  const auto answer = parse(b, "EXAMPLE.test.", Type::kMx);
  ASSERT_TRUE(answer) << answer.error().detail;
  EXPECT_EQ(answer->mx, (std::vector<MxRecord>{{20, "b.example.test"}, {10, "a.example.test"}}));
  EXPECT_EQ(answer->ttl, 60U);
}

TEST(DnsWire, CompressedNamesAreExpanded) {
  WireBuilder b("example.test", Type::kMx, 1);
  b.pointer(kQuestionName)
      .head(Type::kMx, 9, 2 + 4 + 2)
      .u16(5)
      .u8(3)
      .raw("mx1")
      .pointer(kQuestionName);
  const auto answer = parse(b, "example.test", Type::kMx);
  ASSERT_TRUE(answer) << answer.error().detail;
  EXPECT_EQ(answer->mx, (std::vector<MxRecord>{{5, "mx1.example.test"}}));
}

TEST(DnsWire, RootExchangeIsTheEmptyName) {
  WireBuilder b("n.test", Type::kMx, 1);
  b.mx("n.test", 1, 0, "");
  EXPECT_EQ(parse(b, "n.test", Type::kMx)->mx, (std::vector<MxRecord>{{0, ""}}));
}

TEST(DnsWire, CnameChainIsFollowedInAnyOrderAndBoundsTheTtl) {
  WireBuilder b("a.test", Type::kA, 3);
  b.a("c.test", 300, {8, 8, 8, 8}).cname("b.test", 20, "c.test").cname("a.test", 200, "b.test");
  const auto answer = parse(b, "a.test", Type::kA);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->canonical, "c.test");
  EXPECT_EQ(answer->addresses.size(), 1U);
  EXPECT_EQ(answer->ttl, 20U);
}

TEST(DnsWire, RecordsOfOtherOwnersTypesAndClassesAreIgnored) {
  WireBuilder b("a.test", Type::kA, 3);
  b.a("evil.test", 300, {6, 6, 6, 6}).cname("evil.test", 1, "a.test");
  b.name("a.test").u16(1).u16(3).u32(9).u16(4).raw("abcd");  // CHAOS
  const auto answer = parse(b, "a.test", Type::kA);
  ASSERT_TRUE(answer);
  EXPECT_FALSE(answer->has_records());
}

TEST(DnsWire, NegativeTtlIsTheLesserOfSoaAndMinimum) {
  WireBuilder nodata("a.test", Type::kMx, 0, 1);
  nodata.soa("test", 900, 60);
  EXPECT_EQ(parse(nodata, "a.test", Type::kMx)->ttl, 60U);
  WireBuilder gone("a.test", Type::kMx, 0, 1, 3);
  gone.soa("test", 30, 600);
  const auto answer = parse(gone, "a.test", Type::kMx);
  EXPECT_EQ(answer->rcode, Rcode::kNxDomain);
  EXPECT_EQ(answer->ttl, 30U);
  WireBuilder alias("a.test", Type::kMx, 1, 1);
  alias.cname("a.test", 5, "b.test").soa("test", 900, 60);
  EXPECT_EQ(parse(alias, "a.test", Type::kMx)->ttl, 5U);
  EXPECT_EQ(parse(WireBuilder("a.test", Type::kMx, 0), "a.test", Type::kMx)->ttl, std::nullopt);
}

TEST(DnsWire, TtlWithItsTopBitSetIsZero) {
  WireBuilder b("a.test", Type::kA, 1);
  b.a("a.test", 0x80000001U, {8, 8, 8, 8});
  EXPECT_EQ(parse(b, "a.test", Type::kA)->ttl, 0U);
}

TEST(DnsWire, BytesThatLookLikePunctuationAreEscaped) {
  WireBuilder b("a.test", Type::kMx, 1);
  b.name("a.test").head(Type::kMx, 1, 2 + 6).u16(1).u8(4).raw(std::string_view("x.\0\n", 4)).u8(0);
  const auto answer = parse(b, "a.test", Type::kMx);
  ASSERT_TRUE(answer) << answer.error().detail;
  EXPECT_EQ(answer->mx.front().exchange, "x\\046\\000\\010");
  EXPECT_EQ(normalise_name(answer->mx.front().exchange), std::nullopt);
}

TEST(DnsWire, PtrNamesAndWhereTheyStand) {
  const std::string question = reverse_name(*IpAddress::parse("192.0.2.1"));
  EXPECT_EQ(question, "1.2.0.192.in-addr.arpa");
  WireBuilder b(question, Type::kPtr, 1);
  b.name(question).head(Type::kPtr, 60, 10).name("Mta.test");
  const auto answer = parse_answer(b.bytes, question, Type::kPtr);
  ASSERT_TRUE(answer) << answer.error().detail;
  EXPECT_EQ(answer->names, std::vector<std::string>{"mta.test"});
  EXPECT_EQ(reverse_name(*IpAddress::parse("2001:db8::1")),
            "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa");
}

TEST(DnsWire, RecordsBeyondTheBoundAreNotTaken) {
  WireBuilder b("a.test", Type::kA, 500);
  for (int i = 0; i < 500; ++i) b.a("a.test", 1, {8, 8, i >> 8, i & 255});
  EXPECT_EQ(parse(b, "a.test", Type::kA)->addresses.size(), kMaxRecords);
}

// Each is one broken thing in an otherwise good answer.
TEST(DnsWire, HostileBytesAreMalformed) {
  std::vector<std::pair<const char*, WireBuilder>> table;
  const auto add = [&](const char* what, int answers) -> WireBuilder& {
    return table.emplace_back(what, WireBuilder("a.test", Type::kMx, answers)).second;
  };
  add("pointer to itself", 1).pointer(24).head(Type::kMx, 1, 3);
  add("pointer forward", 1).pointer(200).head(Type::kMx, 1, 3);
  add("pointer into its own label", 1).u8(1).raw("a").pointer(24).head(Type::kMx, 1, 3);
  add("label type 01", 1).u8(0x41).raw("x").u8(0);
  add("label type 10", 1).u8(0x81).raw("x").u8(0);
  add("label past the end", 1).u8(63).raw("x");
  add("half a pointer", 1).u8(0xC0);
  add("record missing", 1);
  add("data past the end", 1).name("a.test").head(Type::kMx, 1, 500);
  add("MX without exchange", 1).name("a.test").head(Type::kMx, 1, 2).u16(1);
  add("MX longer than its data", 1).name("a.test").head(Type::kMx, 1, 4).u16(1).name("b.test");
  add("MX shorter than its data", 1).name("a.test").head(Type::kMx, 1, 5).u16(1).u8(0).u16(0);
  add("CNAME to itself", 1).cname("a.test", 1, "a.test");
  add("CNAME circle", 2).cname("a.test", 1, "b.test").cname("b.test", 1, "a.test");
  WireBuilder& longest = add("name of more than 255 bytes", 1);
  for (int i = 0; i < 5; ++i) longest.u8(60).raw(std::string(60, 'x'));
  longest.u8(0).head(Type::kMx, 1, 3).u16(1).u8(0);
  table.emplace_back("bad SOA", WireBuilder("a.test", Type::kMx, 0, 1))
      .second.name("test")
      .head(Type::kSoa, 1, 2)
      .u16(0);
  table.emplace_back("other question", WireBuilder("b.test", Type::kMx, 0));
  table.emplace_back("other type", WireBuilder("a.test", Type::kA, 0));
  auto& question = table.emplace_back("a question", WireBuilder("a.test", Type::kMx, 0)).second;
  question.bytes[2] = 1;
  auto& truncated = table.emplace_back("truncated", WireBuilder("a.test", Type::kMx, 0)).second;
  truncated.bytes[2] = 0x83;
  for (const auto& [what, built] : table) {
    const auto answer = parse(built, "a.test", Type::kMx);
    ASSERT_FALSE(answer) << what;
    EXPECT_EQ(answer.error().code, "dns-malformed") << what;
  }
}

TEST(DnsWire, AddressOfAWrongLengthIsMalformed) {
  WireBuilder b("a.test", Type::kA, 1);
  b.a("a.test", 1, {1, 2, 3});
  EXPECT_FALSE(parse(b, "a.test", Type::kA));
  WireBuilder six("a.test", Type::kAaaa, 1);
  six.name("a.test").head(Type::kAaaa, 1, 4).u32(1);
  EXPECT_FALSE(parse(six, "a.test", Type::kAaaa));
}

TEST(DnsWire, SrvSaysWhereAServiceIs) {
  const char* question = "_imaps._tcp.a.test";
  WireBuilder b(question, Type::kSrv, 2);
  b.name(question).head(Type::kSrv, 60, 17).u16(10).u16(5).u16(993).name("Imap.test");
  b.name(question).head(Type::kSrv, 60, 7).u16(20).u16(0).u16(0).name("");
  const auto answer = parse_answer(b.bytes, question, Type::kSrv);
  ASSERT_TRUE(answer) << answer.error().detail;
  EXPECT_EQ(answer->srv, (std::vector<SrvRecord>{{10, 5, 993, "imap.test"}, {20, 0, 0, ""}}));
  EXPECT_TRUE(answer->has_records());
}

TEST(DnsWire, SrvOfAWrongLengthIsMalformed) {
  for (const int length : {6, 16, 18}) {
    WireBuilder b("_imap._tcp.a.test", Type::kSrv, 1);
    b.name("_imap._tcp.a.test").head(Type::kSrv, 60, length);
    b.u16(10).u16(5).u16(993).name("imap.test").u8(0);
    EXPECT_FALSE(parse(b, "_imap._tcp.a.test", Type::kSrv)) << length;
  }
}

TEST(DnsWire, EveryPrefixAndEveryFlippedByteEndsWithoutHarm) {
  WireBuilder b("a.test", Type::kMx, 2, 1);
  b.cname("a.test", 5, "b.test").mx("b.test", 60, 10, "mx.b.test").soa("test", 1, 1);
  for (std::size_t n = 0; n < b.bytes.size(); ++n)
    (void)parse_answer(
        std::vector(b.bytes.begin(), b.bytes.begin() + static_cast<std::ptrdiff_t>(n)), "a.test",
        Type::kMx);
  std::mt19937 random(1);
  for (int round = 0; round < 20'000; ++round) {
    auto bytes = b.bytes;
    for (int flips = 0; flips < 3; ++flips)
      bytes[random() % bytes.size()] = static_cast<std::uint8_t>(random());
    if (const auto answer = parse_answer(bytes, "a.test", Type::kMx))
      EXPECT_LE(answer->mx.size(), kMaxRecords);
  }
}

TEST(HostName, OnlyNamesThatCanBeHostsPass) {
  EXPECT_EQ(normalise_name("MX_1.Example.test."), "mx_1.example.test");
  EXPECT_EQ(normalise_name(std::string(63, 'a')), std::string(63, 'a'));
  for (const std::string& bad :
       {std::string(), std::string("."), std::string("a..b"), std::string("a b"), std::string(".a"),
        std::string("例子.测试"), std::string(64, 'a'), std::string("a\nb"),
        std::string("[1.2.3.4]"), std::string("a\0b", 3)})
    EXPECT_EQ(normalise_name(bad), std::nullopt) << bad;
  std::string longest;
  for (int i = 0; i < 127; ++i) longest += "a.";
  EXPECT_TRUE(normalise_name(longest));
  EXPECT_FALSE(normalise_name("b." + longest));
}

}  // namespace
}  // namespace hongyan::dns
