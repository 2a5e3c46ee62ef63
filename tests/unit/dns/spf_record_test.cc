#include "dns/spf_record.h"

#include <gtest/gtest.h>

namespace hongyan::dns {
namespace {

TEST(SpfRecord, TheVersionIsAWord) {
  EXPECT_TRUE(is_spf("v=spf1"));
  EXPECT_TRUE(is_spf("V=SPF1 -all"));
  EXPECT_FALSE(is_spf("v=spf10 -all"));
  EXPECT_FALSE(is_spf(" v=spf1"));
}

TEST(SpfRecord, EveryMechanism) {
  const auto record = parse_spf(
      "v=spf1 +a a:b.example/24 MX/24//64 mx//64 include:c.example ?ptr ptr:d.example "
      "ip4:192.0.2.1 ip4:192.0.2.77/24 ip6:2001:db8::/32 exists:%{i}.e.example ~all");
  ASSERT_TRUE(record) << record.error();
  ASSERT_EQ(record->terms.size(), 12U);
  EXPECT_EQ(record->terms[1].prefix4, 24);
  EXPECT_EQ(record->terms[1].domain, "b.example");
  EXPECT_EQ(record->terms[2].prefix4, 24);
  EXPECT_EQ(record->terms[2].prefix6, 64);
  EXPECT_EQ(record->terms[3].prefix4, 32);
  EXPECT_EQ(record->terms[3].prefix6, 64);
  EXPECT_EQ(record->terms[5].qualifier, '?');
  EXPECT_EQ(record->terms[8].prefix4, 24);
  EXPECT_EQ(record->terms[9].prefix6, 32);
  EXPECT_EQ(record->terms[11].qualifier, '~');
}

TEST(SpfRecord, ModifiersStandAnywhereAndUnknownOnesAreIgnored) {
  const auto record = parse_spf("v=spf1 redirect=_spf.example.net  exp=why.%{d} moo=cow%{l} a");
  ASSERT_TRUE(record) << record.error();
  EXPECT_EQ(record->redirect, "_spf.example.net");
  EXPECT_EQ(record->terms.size(), 1U);
}

TEST(SpfRecord, EveryFaultNamesItsTerm) {
  for (const char* term : {"foo",
                           "foo:bar.example",
                           "all:x.example",
                           "-all.",
                           "include",
                           "include:",
                           "include:x y",
                           "exists",
                           "a:",
                           "a/33",
                           "a/024",
                           "a//129",
                           "a/",
                           "a:b.example/24/64",
                           "ip4",
                           "ip4:",
                           "ip4:192.0.2",
                           "ip4:192.0.2.1/33",
                           "ip4:2001:db8::1",
                           "ip6:192.0.2.1",
                           "ip6:2001:db8::1/129",
                           "ip4:192.0.2.1:25",
                           "mx:%{x}.example",
                           "redirect=",
                           "redirect=a.123",
                           "9x=1",
                           "x=%",
                           "ptr:example",
                           "-",
                           "+"})
    EXPECT_FALSE(parse_spf(std::string("v=spf1 ") + term)) << term;
  EXPECT_FALSE(parse_spf("v=spf1 redirect=a.example redirect=b.example"));
  EXPECT_FALSE(parse_spf("v=spf1 a\tmx"));
  const auto record = parse_spf("v=spf1 a ip5:192.0.2.1");
  ASSERT_FALSE(record);
  EXPECT_NE(record.error().find("`ip5:192.0.2.1`"), std::string::npos) << record.error();
}

TEST(SpfRecord, PrefixesAreComparedBitByBit) {
  const auto at = [](const char* text) { return *IpAddress::parse(text); };
  EXPECT_TRUE(shares_prefix(at("192.0.2.1"), at("192.0.2.129"), 24));
  EXPECT_FALSE(shares_prefix(at("192.0.2.1"), at("192.0.2.129"), 25));
  EXPECT_TRUE(shares_prefix(at("192.0.2.1"), at("10.0.0.1"), 0));
  EXPECT_FALSE(shares_prefix(at("192.0.2.1"), at("::1"), 0));
  EXPECT_TRUE(shares_prefix(at("2001:db8::1"), at("2001:db9::"), 31));
}

}  // namespace
}  // namespace hongyan::dns
