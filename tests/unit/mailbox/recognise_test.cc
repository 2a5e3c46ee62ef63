#include "mailbox/catalogue/recognise.h"

#include "tests/unit/dns/table_lookup.h"
#include "tests/unit/mailbox/built_in.h"

#include <gtest/gtest.h>

namespace hongyan::mailbox {
namespace {

Recognised recognised(const std::string& address, dns::TableLookup dns = {}) {
  const auto parsed = parse_address(address);
  return recognise(built_in(), *parsed, ask_records(parsed->domain, dns));
}

std::string listed(const Recognised& found) {
  std::string all;
  for (const Candidate& one : found.candidates)
    all += std::string(origin_name(one.origin)) + (one.outside ? "! " : " ") +
           (one.servers.imap ? one.servers.imap->text() : "-") + " | " + one.servers.smtp.text() +
           "\n";
  return all;
}

TEST(Recognise, ADomainOfTheCatalogueNeedsNoDns) {
  dns::TableLookup dns;
  dns.srv("_imaps._tcp.163.com", {0, 0, 993, "imap.evil.example"})
      .srv("_submissions._tcp.163.com", {0, 0, 465, "smtp.evil.example"});
  const Recognised found = recognised("li@163.com", dns);
  EXPECT_EQ(found.provider->id, "netease");
  EXPECT_EQ(listed(found),
            "catalogue imap.163.com:993 implicit | smtp.163.com:465 implicit\n"
            "catalogue imap.163.com:993 implicit | smtp.163.com:994 implicit\n");
}

TEST(Recognise, SrvComesBeforeMx) {
  dns::TableLookup dns;
  dns.srv("_imaps._tcp.acme.example", {10, 0, 993, "backup.acme.example"})
      .srv("_imaps._tcp.acme.example", {5, 0, 9993, "imap.acme.example"})
      .srv("_submission._tcp.acme.example", {0, 0, 587, "smtp.acme.example"})
      .mx("acme.example", 10, "mxbiz1.qq.com");
  const Recognised found = recognised("li@acme.example", dns);
  EXPECT_EQ(found.provider->id, "exmail");
  EXPECT_EQ(listed(found),
            "srv imap.acme.example:9993 implicit | smtp.acme.example:587 starttls\n"
            "srv backup.acme.example:993 implicit | smtp.acme.example:587 starttls\n"
            "mx imap.exmail.qq.com:993 implicit | smtp.exmail.qq.com:465 implicit\n"
            "mx hwimap.exmail.qq.com:993 implicit | hwsmtp.exmail.qq.com:465 implicit\n");
}

TEST(Recognise, ImplicitTlsComesBeforeStarttlsAndWeightDecidesAmongEquals) {
  dns::TableLookup dns;
  dns.srv("_imap._tcp.acme.example", {0, 0, 143, "imap.acme.example"})
      .srv("_imaps._tcp.acme.example", {9, 1, 993, "light.acme.example"})
      .srv("_imaps._tcp.acme.example", {9, 7, 993, "heavy.acme.example"})
      .srv("_submissions._tcp.acme.example", {0, 0, 465, "smtp.acme.example"});
  const Recognised found = recognised("li@acme.example", dns);
  ASSERT_EQ(found.candidates.size(), 3U);
  EXPECT_EQ(found.candidates[0].servers.imap->host, "heavy.acme.example");
  EXPECT_EQ(found.candidates[1].servers.imap->host, "light.acme.example");
  EXPECT_EQ(found.candidates[2].servers.imap->tls, Tls::kStartTls);
}

TEST(Recognise, AServerOutsideTheDomainThatNobodyKnowsIsMarked) {
  dns::TableLookup dns;
  dns.srv("_imaps._tcp.acme.example", {0, 0, 993, "imap.notacme.example"})
      .srv("_submissions._tcp.acme.example", {0, 0, 465, "smtp.acme.example"});
  const Recognised strange = recognised("li@acme.example", dns);
  ASSERT_EQ(strange.candidates.size(), 1U);
  EXPECT_TRUE(strange.candidates[0].outside);

  dns::TableLookup known;
  known.srv("_imaps._tcp.acme.example", {0, 0, 993, "imap.fastmail.com"})
      .srv("_submissions._tcp.acme.example", {0, 0, 465, "smtp.fastmail.com"});
  const Recognised fastmail = recognised("li@acme.example", known);
  ASSERT_EQ(fastmail.candidates.size(), 1U);
  EXPECT_FALSE(fastmail.candidates[0].outside);
  EXPECT_EQ(fastmail.provider->id, "fastmail");
}

TEST(Recognise, AServiceThatIsDecidedlyNotThereIsNotTried) {
  dns::TableLookup dns;
  dns.srv("_imaps._tcp.acme.example", {0, 0, 0, ""})
      .srv("_imap._tcp.acme.example", {0, 0, 143, "imap.acme.example"})
      .srv("_submissions._tcp.acme.example", {0, 0, 465, "smtp.acme.example"});
  EXPECT_EQ(listed(recognised("li@acme.example", dns)),
            "srv imap.acme.example:143 starttls | smtp.acme.example:465 implicit\n");
}

TEST(Recognise, MxOfAHostedDomainLeadsToItsProvider) {
  dns::TableLookup dns;
  dns.mx("acme.example", 10, "mail.acme.example").mx("acme.example", 20, "mx.35.com");
  const Recognised found = recognised("li@acme.example", dns);
  EXPECT_EQ(found.provider->id, "mail35");
  EXPECT_EQ(listed(found), "mx imap.acme.example:993 implicit | smtp.acme.example:465 implicit\n");
}

TEST(Recognise, GuessesAreMadeOnlyWhenNobodyKnows) {
  EXPECT_EQ(listed(recognised("li@acme.example")),
            "guess imap.acme.example:993 implicit | smtp.acme.example:465 implicit\n"
            "guess imap.acme.example:993 implicit | smtp.acme.example:587 starttls\n"
            "guess mail.acme.example:993 implicit | mail.acme.example:465 implicit\n"
            "guess mail.acme.example:993 implicit | mail.acme.example:587 starttls\n");
  EXPECT_EQ(recognised("li@acme.example").provider, nullptr);
  // A provider whose servers are not public.
  dns::TableLookup dns;
  dns.mx("acme.example", 10, "mx.mail.139.com");
  const Recognised found = recognised("li@acme.example", dns);
  EXPECT_EQ(found.provider->id, "cm_ent");
  EXPECT_EQ(found.candidates.front().origin, Origin::kGuess);
}

TEST(Recognise, DnsThatDoesNotAnswerIsLikeOneThatSaysNothing) {
  dns::TableLookup dns;
  for (const std::string& name : srv_names("acme.example")) dns.silent(name, dns::Type::kSrv);
  dns.silent("acme.example", dns::Type::kMx);
  EXPECT_EQ(recognised("li@acme.example", dns).candidates.size(), 4U);
}

TEST(Recognise, AZoneWithHundredsOfRecordsCostsFourPairs) {
  dns::TableLookup dns;
  for (int i = 0; i < 60; ++i)
    dns.srv("_imaps._tcp.acme.example",
            {static_cast<std::uint16_t>(i), 0, 993, "i" + std::to_string(i) + ".acme.example"});
  dns.srv("_submissions._tcp.acme.example", {0, 0, 465, "smtp.acme.example"});
  EXPECT_EQ(recognised("li@acme.example", dns).candidates.size(), 4U);
}

TEST(Recognise, UserNameIsTheAddressOrItsLocalPart) {
  const auto address = *parse_address("Li@iCloud.com");
  EXPECT_EQ(user_name(UserName::kAddress, address), "Li@icloud.com");
  EXPECT_EQ(user_name(built_in().by_id("icloud")->imap_user, address), "Li");
}

}  // namespace
}  // namespace hongyan::mailbox
