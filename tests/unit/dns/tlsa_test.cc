#include "dns/tlsa.h"

#include "wire_builder.h"

#include <gtest/gtest.h>

namespace hongyan::dns {
namespace {

constexpr std::string_view kName = "_25._tcp.mx.a.test";
constexpr std::uint8_t kAd = 0x20;

TlsaRecord record(int usage, int selector, int matching, std::size_t size) {
  return {static_cast<std::uint8_t>(usage), static_cast<std::uint8_t>(selector),
          static_cast<std::uint8_t>(matching), std::vector<std::uint8_t>(size, 7)};
}

Result<Answer> answer_with(std::vector<TlsaRecord> records, bool authentic = true) {
  Answer answer;
  answer.tlsa = std::move(records);
  answer.authentic = authentic;
  return answer;
}

TEST(Tlsa, OnlyUsagesAndDigestsOfRfc7672AreUsable) {
  const struct {
    TlsaRecord record;
    bool usable;
  } cases[] = {
      {record(3, 1, 1, 32), true},  {record(2, 0, 1, 32), true},  {record(3, 0, 2, 64), true},
      {record(2, 1, 0, 90), true},  {record(0, 1, 1, 32), false}, {record(1, 1, 1, 32), false},
      {record(4, 1, 1, 32), false}, {record(3, 2, 1, 32), false}, {record(3, 1, 3, 32), false},
      {record(3, 1, 1, 31), false}, {record(3, 1, 2, 32), false}, {record(3, 1, 0, 0), false},
  };
  for (const auto& c : cases)
    EXPECT_EQ(is_usable(c.record), c.usable)
        << int(c.record.usage) << int(c.record.selector) << int(c.record.matching) << ' '
        << c.record.data.size();
}

TEST(Tlsa, NameHasPortAndProtocol) {
  EXPECT_EQ(tlsa_name("mx.a.test", 25), kName);
}

TEST(Tlsa, UsableRecordsOfASignedZoneDemandAuthentication) {
  const auto dane = read_dane(answer_with({record(0, 0, 1, 32), record(3, 1, 1, 32)}), "mx.a.test");
  ASSERT_TRUE(dane);
  EXPECT_EQ(dane->demand, Dane::Demand::kAuthentication);
  EXPECT_EQ(dane->records.size(), 1U);
  EXPECT_EQ(dane->base, "mx.a.test");
}

TEST(Tlsa, OnlyUnusableRecordsStillDemandEncryption) {
  const auto dane = read_dane(answer_with({record(1, 0, 1, 32)}), "mx.a.test");
  ASSERT_TRUE(dane);
  EXPECT_EQ(dane->demand, Dane::Demand::kEncryption);
}

TEST(Tlsa, RecordsThatNobodyValidatedDemandNothing) {
  const auto dane = read_dane(answer_with({record(3, 1, 1, 32)}, false), "mx.a.test");
  ASSERT_TRUE(dane);
  EXPECT_EQ(dane->demand, Dane::Demand::kNothing);
}

TEST(Tlsa, NoNameAndNoRecordDemandNothing) {
  Answer nobody;
  nobody.rcode = Rcode::kNxDomain;
  for (const Result<Answer>& answer : {answer_with({}), Result<Answer>(nobody)}) {
    const auto dane = read_dane(answer, "mx.a.test");
    ASSERT_TRUE(dane);
    EXPECT_EQ(dane->demand, Dane::Demand::kNothing);
  }
}

TEST(Tlsa, AFailedQuestionIsNoLicenceToGoWithout) {
  Answer failed;
  failed.rcode = Rcode::kServFail;
  for (const Result<Answer>& answer :
       {Result<Answer>(failed), Result<Answer>(fail(Scope::kHost, "dns-timeout", "too late"))}) {
    const auto dane = read_dane(answer, "mx.a.test");
    ASSERT_FALSE(dane);
    EXPECT_EQ(dane.error().code, "tlsa-unresolved");
  }
}

TEST(Tlsa, IsReadFromTheWireWithTheAdBit) {
  WireBuilder wire(kName, Type::kTlsa, 1);
  wire.bytes[3] |= kAd;
  wire.name(kName).head(Type::kTlsa, 300, 5).u8(3).u8(1).u8(0).u8(0xAA).u8(0xBB);
  const auto answer = parse_answer(wire.bytes, kName, Type::kTlsa);
  ASSERT_TRUE(answer) << answer.error().detail;
  EXPECT_TRUE(answer->authentic);
  ASSERT_EQ(answer->tlsa.size(), 1U);
  EXPECT_EQ(answer->tlsa[0], (TlsaRecord{3, 1, 0, {0xAA, 0xBB}}));
  EXPECT_EQ(answer->ttl, 300U);
}

TEST(Tlsa, RecordShorterThanItsFixedPartIsMalformed) {
  WireBuilder wire(kName, Type::kTlsa, 1);
  wire.name(kName).head(Type::kTlsa, 300, 2).u8(3).u8(1);
  EXPECT_FALSE(parse_answer(wire.bytes, kName, Type::kTlsa));
}

TEST(Txt, StringsOfOneRecordAreJoined) {
  WireBuilder wire("_mta-sts.a.test", Type::kTxt, 1);
  wire.name("_mta-sts.a.test").head(Type::kTxt, 60, 8).u8(3).raw("v=S").u8(3).raw("TSv");
  const auto answer = parse_answer(wire.bytes, "_mta-sts.a.test", Type::kTxt);
  ASSERT_TRUE(answer) << answer.error().detail;
  EXPECT_FALSE(answer->authentic);
  EXPECT_EQ(answer->texts, std::vector<std::string>{"v=STSv"});
}

TEST(Txt, StringBeyondItsRecordIsMalformed) {
  WireBuilder wire("a.test", Type::kTxt, 1);
  wire.name("a.test").head(Type::kTxt, 60, 3).u8(9).raw("ab");
  EXPECT_FALSE(parse_answer(wire.bytes, "a.test", Type::kTxt));
}

}  // namespace
}  // namespace hongyan::dns
