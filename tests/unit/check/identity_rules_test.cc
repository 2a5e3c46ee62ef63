#include "engine/check/identity_rules.h"

#include "tests/unit/check/findings_of.h"
#include "tests/unit/dns/table_lookup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace hongyan::check {
namespace {

using dns::Type;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// A sender that does everything right, to be broken in one place.
struct Sender {
  Identity identity{"acme.example",
                    "bounce@send.acme.example",
                    "send.acme.example",
                    {{"a", "a.send.acme.example", "", IpAddress::parse("203.0.113.1")}}};
  dns::TableLookup dns;
  Voucher dkim{"acme.example", Standing::kPasses};

  Sender() {
    dns.txt("send.acme.example", "v=spf1 ip4:203.0.113.0/28 -all");
    dns.ptr("203.0.113.1", "a.send.acme.example").host("a.send.acme.example", "203.0.113.1");
    dns.txt("_dmarc.acme.example", "v=DMARC1; p=reject; rua=mailto:d@acme.example");
    dns.mx("send.acme.example", 10, "in.acme.example").mx("acme.example", 10, "in.acme.example");
    dns.host("in.acme.example", "203.0.113.9");
  }
  Findings run() {
    Findings findings;
    const Standing spf = check_spf_records(identity, dns, findings);
    check_reverse(identity, dns, findings);
    check_dmarc(identity.from_domain, {identity.envelope_domain, spf}, dkim, dns, findings);
    check_return_path(identity, dns, findings);
    return findings;
  }
  std::vector<std::string> ids() { return ids_of(run()); }
};

dns::TableLookup with_record(const std::string& record) {
  dns::TableLookup dns;
  dns.txt("send.acme.example", record);
  return dns;
}
std::vector<std::string> spf_ids(const std::string& record) {
  Sender sender;
  dns::TableLookup dns = with_record(record);
  Findings findings;
  check_spf_records(sender.identity, dns, findings);
  return ids_of(findings);
}

TEST(IdentityRules, AGoodSenderHasNoFinding) {
  EXPECT_THAT(Sender().ids(), IsEmpty());
}

TEST(IdentityRules, EachVerdictOfSpfHasItsRule) {
  EXPECT_THAT(spf_ids("google-site-verification=1"), ElementsAre("spf-missing"));
  EXPECT_THAT(spf_ids("v=spf1 foo -all"), ElementsAre("spf-broken"));
  for (const char* end : {"-all", "~all", "?all", ""})
    EXPECT_THAT(spf_ids(std::string("v=spf1 ip4:192.0.2.1 ") + end), ElementsAre("spf-not-pass"));
  EXPECT_THAT(spf_ids("v=spf1 ip4:203.0.113.1"), ElementsAre("spf-open"));
  EXPECT_THAT(spf_ids("v=spf1 +all"), ElementsAre("spf-everybody"));
  EXPECT_THAT(spf_ids("v=spf1 ip4:0.0.0.0/0 -all"), ElementsAre("spf-everybody"));
}

TEST(IdentityRules, EverySourceIsAsked) {
  Sender sender;
  sender.identity.sources.push_back(
      {"b", "b.send.acme.example", "", IpAddress::parse("203.0.113.99")});
  const Findings findings = sender.run();
  EXPECT_THAT(what_of(findings, "spf-not-pass"), HasSubstr("b (203.0.113.99)"));
  EXPECT_THAT(what_of(findings, "spf-not-pass"), HasSubstr("fail by -all"));
  EXPECT_THAT(what_of(findings, "ptr-missing"), HasSubstr("b (203.0.113.99)"));
  EXPECT_TRUE(findings.has("ehlo-unknown"));
  // The signature passes whatever the source.
  EXPECT_FALSE(findings.has("dmarc-fails"));
  sender.dkim = {};
  EXPECT_TRUE(sender.run().has("dmarc-fails"));
}

TEST(IdentityRules, NamesMustLeadBack) {
  Sender sender;
  sender.identity.sources[0].address = IpAddress::parse("203.0.113.2");
  sender.dns.ptr("203.0.113.2", "a.send.acme.example");
  EXPECT_THAT(sender.ids(), ElementsAre("ptr-not-back", "ehlo-elsewhere"));
}

TEST(IdentityRules, NamesOfManyMachines) {
  const auto ip = *IpAddress::parse("203.0.113.1");
  for (const char* name : {"203-0-113-1.isp.example", "1.113.0.203.isp.example",
                           "host.dynamic.isp.example", "pool-7.isp.example"})
    EXPECT_TRUE(is_generic_name(name, ip)) << name;
  EXPECT_FALSE(is_generic_name("mta1.send.acme.example", ip));
  Sender sender;
  sender.identity.sources[0].address = IpAddress::parse("203.0.113.2");
  sender.identity.sources[0].ehlo = "b.acme.example";
  sender.dns.ptr("203.0.113.2", "203-0-113-2.isp.example")
      .host("203-0-113-2.isp.example", "203.0.113.2");
  sender.dns.host("b.acme.example", "203.0.113.2");
  EXPECT_THAT(sender.ids(), ElementsAre("ptr-generic", "ehlo-not-ptr"));
}

TEST(IdentityRules, SourcesWithoutAnAddressAreSaid) {
  Sender sender;
  sender.identity.sources = {{"nat", "a.send.acme.example", "", std::nullopt},
                             {"out", "b.send.acme.example", "smtp.relay.example", std::nullopt}};
  EXPECT_THAT(sender.ids(), ElementsAre("source-hidden", "source-relay"));
}

TEST(IdentityRules, ThePolicyOfTheOrganizationHolds) {
  Sender sender;
  sender.identity.from_domain = "news.acme.example";
  sender.dns.mx("news.acme.example", 10, "in.acme.example");
  EXPECT_THAT(sender.ids(), IsEmpty());
  sender.dns.txt("_dmarc.news.acme.example", "v=DMARC1; p=none");
  EXPECT_THAT(sender.ids(), ElementsAre("dmarc-none", "dmarc-no-reports"));
}

TEST(IdentityRules, SubdomainsMayHaveAPolicyOfTheirOwn) {
  Sender sender;
  sender.dns.txt("_dmarc.brand.example", "v=DMARC1; p=reject; sp=none; rua=mailto:d@brand.example");
  const auto ids = [&](const std::string& from) {
    Findings findings;
    check_dmarc(from, {from, Standing::kPasses}, {from, Standing::kPasses}, sender.dns, findings);
    return ids_of(findings);
  };
  EXPECT_THAT(ids("brand.example"), IsEmpty());
  EXPECT_THAT(ids("news.brand.example"), ElementsAre("dmarc-none"));
}

TEST(IdentityRules, DmarcMissingTwiceAndBroken) {
  Sender sender;
  sender.identity.from_domain = sender.identity.envelope_domain = "other.example";
  sender.dkim.domain = "other.example";
  sender.dns.txt("other.example", "v=spf1 ip4:203.0.113.1 -all")
      .mx("other.example", 1, "in.acme.example");
  EXPECT_THAT(sender.ids(), ElementsAre("dmarc-missing"));
  sender.dns.txt("_dmarc.other.example", "v=DMARC1; p=all");
  EXPECT_THAT(sender.ids(), ElementsAre("dmarc-broken"));
  sender.dns.txt("_dmarc.other.example", "v=DMARC1; p=none");
  EXPECT_THAT(sender.ids(), ElementsAre("dmarc-broken"));
}

TEST(IdentityRules, AlignmentIsThatOfThePolicy) {
  Sender sender;
  sender.identity.from_domain = "brand.example";
  sender.dns.mx("brand.example", 1, "in.acme.example");
  sender.dns.txt("_dmarc.brand.example", "v=DMARC1; p=reject; rua=mailto:d@brand.example");
  EXPECT_THAT(sender.ids(), ElementsAre("dmarc-not-aligned"));
  Sender strict;
  strict.identity.from_domain = "strict.acme.example";
  strict.dns.mx("strict.acme.example", 1, "in.acme.example");
  strict.dns.txt("_dmarc.strict.acme.example",
                 "v=DMARC1; p=reject; aspf=s; rua=mailto:d@acme.example");
  EXPECT_THAT(strict.ids(), ElementsAre("dmarc-one-leg"));
  EXPECT_THAT(what_of(strict.run(), "dmarc-one-leg"), HasSubstr("only DKIM aligns"));
  strict.dkim = {};
  EXPECT_THAT(strict.ids(), ElementsAre("dmarc-not-aligned"));
  EXPECT_THAT(what_of(strict.run(), "dmarc-not-aligned"), HasSubstr("wants equal domains"));
}

TEST(IdentityRules, OneAlignedPassIsEnough) {
  using enum Standing;
  struct Case {
    Voucher spf, dkim;
    std::vector<std::string> ids;
  };
  const std::string ours = "send.acme.example", others = "relay.test";
  for (const Case& one : std::vector<Case>{{{ours, kPasses}, {ours, kPasses}, {}},
                                           {{ours, kPasses}, {ours, kFails}, {}},
                                           {{ours, kFails}, {ours, kPasses}, {}},
                                           {{ours, kFails}, {ours, kUnknown}, {}},
                                           {{ours, kFails}, {ours, kFails}, {"dmarc-fails"}},
                                           {{ours, kFails}, {others, kPasses}, {"dmarc-fails"}},
                                           {{others, kPasses}, {ours, kPasses}, {"dmarc-one-leg"}},
                                           {{ours, kPasses}, {"", kFails}, {"dmarc-one-leg"}},
                                           {{others, kPasses}, {"", kFails}, {"dmarc-not-aligned"}},
                                           {{others, kPasses}, {"", kUnknown}, {"not-checked"}}}) {
    Sender sender;
    Findings findings;
    check_dmarc("acme.example", one.spf, one.dkim, sender.dns, findings);
    EXPECT_EQ(ids_of(findings), one.ids) << one.spf.domain << ' ' << one.dkim.domain;
  }
}

TEST(IdentityRules, BouncesNeedAHost) {
  Sender sender;
  sender.identity.envelope_domain = "nowhere.acme.example";
  sender.dns.txt("nowhere.acme.example", "v=spf1 ip4:203.0.113.1 -all");
  EXPECT_THAT(sender.ids(), ElementsAre("return-path-unreachable"));
  sender.dns.mx("nowhere.acme.example", 0, "");
  EXPECT_THAT(what_of(sender.run(), "return-path-unreachable"), HasSubstr("null MX"));
  Sender from;
  from.identity.from_domain = "x.acme.example";
  EXPECT_THAT(from.ids(), ElementsAre("from-unreachable"));
}

TEST(IdentityRules, AnAddressDoesAsHost) {
  Sender sender;
  sender.identity.envelope_domain = "a.send.acme.example";
  sender.dns.txt("a.send.acme.example", "v=spf1 a -all");
  EXPECT_THAT(sender.ids(), IsEmpty());
}

TEST(IdentityRules, TheUnsubscribeLinkLeadsSomewhere) {
  dns::TableLookup dns;
  dns.host("u.acme.example", "203.0.113.3").silent("slow.acme.example", Type::kA);
  const auto ids = [&](const char* url) {
    Findings findings;
    check_unsubscribe_host(url, dns, findings);
    return ids_of(findings);
  };
  EXPECT_THAT(ids("https://u.acme.example/u/{{ token }}"), IsEmpty());
  EXPECT_THAT(ids("https://U.acme.example:8443?t={{ token }}"), IsEmpty());
  EXPECT_THAT(ids("https://v.acme.example/u"), ElementsAre("unsubscribe-unreachable"));
  EXPECT_THAT(ids("https://slow.acme.example/u"), ElementsAre("not-checked"));
  EXPECT_THAT(ids("https://{{ shop }}.acme.example/u"), IsEmpty());
  EXPECT_THAT(ids("https://203.0.113.3/u"), IsEmpty());
}

TEST(IdentityRules, SilenceIsAFindingAndNoVerdict) {
  Sender sender;
  sender.dns.silent("send.acme.example", Type::kTxt).silent("_dmarc.acme.example", Type::kTxt);
  sender.dns.silent("1.113.0.203.in-addr.arpa", Type::kPtr).silent("a.send.acme.example", Type::kA);
  sender.dns.silent("send.acme.example", Type::kMx).silent("in.acme.example", Type::kA);
  const auto ids = sender.ids();
  EXPECT_EQ(std::ranges::count(ids, "not-checked"), 6) << ids.size();
  EXPECT_EQ(ids.size(), 6U);
}

}  // namespace
}  // namespace hongyan::check
