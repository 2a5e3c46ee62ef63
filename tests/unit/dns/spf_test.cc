#include "dns/spf.h"

#include "tests/unit/dns/table_lookup.h"

#include <gtest/gtest.h>

#include <optional>

namespace hongyan::dns {
namespace {

SpfVerdict check(TableLookup& dns, const char* ip, const std::string& domain = "acme.example") {
  return check_spf({*IpAddress::parse(ip), domain, "bounce@" + domain, "mta.acme.example"}, dns);
}
SpfResult result(TableLookup& dns, const char* ip, const std::string& domain = "acme.example") {
  return check(dns, ip, domain).result;
}
TableLookup with(const std::string& record) {
  TableLookup dns;
  dns.txt("acme.example", record);
  return dns;
}

TEST(Spf, NoRecordOrNoSuchDomainIsNone) {
  TableLookup dns;
  dns.txt("acme.example", "google-site-verification=x").txt("other.example", "v=spf10 -all");
  EXPECT_EQ(result(dns, "192.0.2.1"), SpfResult::kNone);
  EXPECT_EQ(result(dns, "192.0.2.1", "other.example"), SpfResult::kNone);
  EXPECT_EQ(result(dns, "192.0.2.1", "nobody.example"), SpfResult::kNone);
  EXPECT_EQ(result(dns, "192.0.2.1", "localhost"), SpfResult::kNone);
}

// RFC 7208, appendix A.
TEST(Spf, ExamplesOfTheRfc) {
  TableLookup dns;
  dns.mx("example.com", 10, "mail-a.example.com").mx("example.com", 20, "mail-b.example.com");
  dns.mx("example.org", 10, "mail-c.example.org");
  for (const char* ip : {"192.0.2.10", "192.0.2.11"}) dns.host("example.com", ip);
  dns.host("amy.example.com", "192.0.2.65").host("bob.example.com", "192.0.2.66");
  dns.host("mail-a.example.com", "192.0.2.129").host("mail-b.example.com", "192.0.2.130");
  dns.host("mail-c.example.org", "192.0.2.140");
  dns.ptr("192.0.2.10", "example.com").ptr("192.0.2.65", "amy.example.com");
  dns.ptr("10.0.0.4", "bob.example.com");
  const std::tuple<const char*, const char*, SpfResult> kCases[] = {
      {"+all", "203.0.113.1", SpfResult::kPass},
      {"a -all", "192.0.2.10", SpfResult::kPass},
      {"a -all", "192.0.2.65", SpfResult::kFail},
      {"a:example.org -all", "192.0.2.10", SpfResult::kFail},
      {"mx -all", "192.0.2.129", SpfResult::kPass},
      {"mx:example.org -all", "192.0.2.140", SpfResult::kPass},
      {"mx mx:example.org -all", "192.0.2.130", SpfResult::kPass},
      {"mx/30 mx:example.org/30 -all", "192.0.2.131", SpfResult::kPass},
      {"mx/30 mx:example.org/30 -all", "192.0.2.143", SpfResult::kPass},
      {"mx/30 mx:example.org/30 -all", "192.0.2.144", SpfResult::kFail},
      {"ptr -all", "192.0.2.65", SpfResult::kPass},
      {"ptr -all", "192.0.2.140", SpfResult::kFail},
      {"ptr -all", "10.0.0.4", SpfResult::kFail},  // the name does not lead back
      {"ip4:192.0.2.128/28 -all", "192.0.2.65", SpfResult::kFail},
      {"ip4:192.0.2.128/28 -all", "192.0.2.129", SpfResult::kPass}};
  for (const auto& [terms, ip, expected] : kCases) {
    TableLookup zone = dns;
    zone.txt("example.com", std::string("v=spf1 ") + terms);
    EXPECT_EQ(result(zone, ip, "example.com"), expected) << terms << " " << ip;
  }
}

TEST(Spf, QualifiersAndTheEnd) {
  for (const auto& [terms, expected] : {std::pair{"-all", SpfResult::kFail},
                                        {"~all", SpfResult::kSoftFail},
                                        {"?all", SpfResult::kNeutral},
                                        {"", SpfResult::kNeutral},
                                        {"ip4:10.0.0.0/8", SpfResult::kNeutral}}) {
    TableLookup dns = with(std::string("v=spf1 ") + terms);
    EXPECT_EQ(result(dns, "192.0.2.1"), expected) << terms;
  }
}

TEST(Spf, FamiliesDoNotMix) {
  TableLookup dns = with("v=spf1 a ip6:2001:db8::/32 -all");
  dns.host("acme.example", "192.0.2.1").host("acme.example", "2001:db9::1");
  EXPECT_EQ(result(dns, "192.0.2.1"), SpfResult::kPass);
  EXPECT_EQ(result(dns, "2001:db9::1"), SpfResult::kPass);
  EXPECT_EQ(result(dns, "2001:db8::5"), SpfResult::kPass);
  EXPECT_EQ(result(dns, "::ffff:192.0.2.1"), SpfResult::kPass);
  EXPECT_EQ(result(dns, "192.0.2.2"), SpfResult::kFail);
}

TEST(Spf, AnIncludeMatchesWhenItPassesOnly) {
  TableLookup dns = with("v=spf1 include:spf.example ?all");
  dns.txt("spf.example", "v=spf1 ip4:192.0.2.0/24 -all");
  const SpfVerdict pass = check(dns, "192.0.2.9");
  EXPECT_EQ(pass.result, SpfResult::kPass);
  EXPECT_EQ(pass.matched, "include:spf.example of acme.example");
  EXPECT_EQ(pass.record, "v=spf1 include:spf.example ?all");
  EXPECT_EQ(pass.lookups, 1);
  EXPECT_EQ(result(dns, "203.0.113.9"), SpfResult::kNeutral);
  TableLookup none = with("v=spf1 include:nobody.example -all");
  EXPECT_EQ(result(none, "192.0.2.9"), SpfResult::kPermError);
}

TEST(Spf, ARedirectIsTheLastWord) {
  TableLookup dns = with("v=spf1 redirect=_spf.example ip4:203.0.113.1");
  dns.txt("_spf.example", "v=spf1 ip4:192.0.2.0/24 -all");
  EXPECT_EQ(result(dns, "203.0.113.1"), SpfResult::kPass);
  EXPECT_EQ(result(dns, "192.0.2.1"), SpfResult::kPass);
  EXPECT_EQ(check(dns, "10.0.0.1").matched, "-all of _spf.example");
  EXPECT_EQ(result(dns, "10.0.0.1"), SpfResult::kFail);
  TableLookup with_all = with("v=spf1 ?all redirect=nobody.example");
  EXPECT_EQ(result(with_all, "10.0.0.1"), SpfResult::kNeutral);
  TableLookup nobody = with("v=spf1 redirect=nobody.example");
  EXPECT_EQ(result(nobody, "10.0.0.1"), SpfResult::kPermError);
}

TEST(Spf, MacrosNameTheHost) {
  TableLookup dns = with("v=spf1 exists:%{ir}.%{l}._spf.%{d} -all");
  dns.host("1.2.0.192.bounce._spf.acme.example", "127.0.0.2");
  EXPECT_EQ(result(dns, "192.0.2.1"), SpfResult::kPass);
  EXPECT_EQ(result(dns, "192.0.2.2"), SpfResult::kFail);
  TableLookup named = with("v=spf1 exists:%{p}.ok.example -all");
  named.ptr("192.0.2.1", "mta.acme.example").host("mta.acme.example", "192.0.2.1");
  named.host("mta.acme.example.ok.example", "127.0.0.2");
  EXPECT_EQ(result(named, "192.0.2.1"), SpfResult::kPass);
  EXPECT_EQ(result(named, "192.0.2.2"), SpfResult::kFail);
}

TEST(Spf, TheNameOfTheAddressIsAskedOnce) {
  std::string macros;
  for (int i = 0; i < 100; ++i) macros += "%{p1}";
  TableLookup dns = with("v=spf1 exists:" + macros + ".example -all");
  dns.ptr("192.0.2.1", "mta.acme.example").host("mta.acme.example", "192.0.2.1");
  EXPECT_EQ(result(dns, "192.0.2.1"), SpfResult::kFail);
  EXPECT_LE(dns.asked, 4);
}

TEST(Spf, TenLookupsAndNotEleven) {
  TableLookup dns;
  for (int i = 0; i < 12; ++i)
    dns.txt("n" + std::to_string(i) + ".example",
            "v=spf1 include:n" + std::to_string(i + 1) + ".example -all");
  dns.txt("n12.example", "v=spf1 ip4:192.0.2.1 -all");
  EXPECT_EQ(result(dns, "192.0.2.1", "n2.example"), SpfResult::kPass);
  const SpfVerdict verdict = check(dns, "192.0.2.1", "n1.example");
  EXPECT_EQ(verdict.result, SpfResult::kPermError);
  EXPECT_NE(verdict.problem.find("more than 10"), std::string::npos);
}

TEST(Spf, ALoopOfIncludesEnds) {
  TableLookup dns = with("v=spf1 include:acme.example -all");
  EXPECT_EQ(result(dns, "192.0.2.1"), SpfResult::kPermError);
  TableLookup redirect = with("v=spf1 redirect=acme.example");
  EXPECT_EQ(result(redirect, "192.0.2.1"), SpfResult::kPermError);
  EXPECT_LE(redirect.asked, 12);
}

TEST(Spf, TwoVoidLookupsAndNotThree) {
  TableLookup two = with("v=spf1 a:x1.example a:x2.example ip4:192.0.2.1 -all");
  EXPECT_EQ(check(two, "192.0.2.1").void_lookups, 2);
  EXPECT_EQ(result(two, "192.0.2.1"), SpfResult::kPass);
  TableLookup three =
      with("v=spf1 a:x1.example mx:x2.example exists:x3.example ip4:192.0.2.1 -all");
  EXPECT_EQ(result(three, "192.0.2.1"), SpfResult::kPermError);
}

TEST(Spf, ElevenMxHostsAreTooMany) {
  TableLookup dns = with("v=spf1 mx -all");
  for (int i = 0; i < 11; ++i) {
    const std::string host = "mx" + std::to_string(i) + ".acme.example";
    dns.mx("acme.example", i, host).host(host, "192.0.2." + std::to_string(i));
  }
  EXPECT_EQ(result(dns, "203.0.113.1"), SpfResult::kPermError);
}

TEST(Spf, WrongRecordsArePermanent) {
  TableLookup twice = with("v=spf1 -all");
  twice.txt("acme.example", "v=spf1 +all");
  EXPECT_EQ(result(twice, "192.0.2.1"), SpfResult::kPermError);
  // A fault behind the matching term counts as well (4.6).
  TableLookup late = with("v=spf1 ip4:192.0.2.1 foo:bar.example -all");
  const SpfVerdict verdict = check(late, "192.0.2.1");
  EXPECT_EQ(verdict.result, SpfResult::kPermError);
  EXPECT_NE(verdict.problem.find("`foo:bar.example`"), std::string::npos) << verdict.problem;
}

TEST(Spf, SilenceIsTemporary) {
  TableLookup first;
  first.silent("acme.example", Type::kTxt);
  EXPECT_EQ(result(first, "192.0.2.1"), SpfResult::kTempError);
  TableLookup inner = with("v=spf1 include:spf.example ip4:192.0.2.1 -all");
  inner.silent("spf.example", Type::kTxt);
  const SpfVerdict verdict = check(inner, "192.0.2.1");
  EXPECT_EQ(verdict.result, SpfResult::kTempError);
  EXPECT_NE(verdict.problem.find("spf.example TXT"), std::string::npos) << verdict.problem;
}

TEST(Spf, APtrThatCannotBeAskedDoesNotMatch) {
  TableLookup dns = with("v=spf1 ptr -all");
  dns.silent("1.2.0.192.in-addr.arpa", Type::kPtr);
  EXPECT_EQ(result(dns, "192.0.2.1"), SpfResult::kFail);
}

}  // namespace
}  // namespace hongyan::dns
