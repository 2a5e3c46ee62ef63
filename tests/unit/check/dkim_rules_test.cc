#include "engine/check/dkim_rules.h"

#include "tests/unit/check/findings_of.h"
#include "tests/unit/dns/table_lookup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hongyan::check {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const SigningKey kRsa{"acme.example", "r1", "v=DKIM1; k=rsa; p=AAAA", ""};
const SigningKey kEd{"acme.example", "e1", "v=DKIM1; k=ed25519; p=BBBB", ""};

struct Seen {
  Standing standing;
  Findings findings;
};
Seen look(const std::vector<SigningKey>& keys, dns::TableLookup dns, bool relayed = false) {
  Seen seen{};
  seen.standing = check_dkim_keys(keys, relayed, dns, seen.findings);
  return seen;
}
// The one key's record in the DNS.
Seen published(const std::string& text) {
  return look({kRsa}, dns::TableLookup().txt("r1._domainkey.acme.example", text));
}

TEST(DkimRules, ThePublishedKeyIsOurs) {
  for (const char* text : {"v=DKIM1; k=rsa; p=AAAA", "p=AA AA", "v=DKIM1; p=AAAA; t=s"}) {
    const Seen seen = published(text);
    EXPECT_EQ(seen.standing, Standing::kPasses) << text;
    EXPECT_THAT(ids_of(seen.findings), IsEmpty()) << text;
  }
}

TEST(DkimRules, EachFaultOfARecordHasItsRule) {
  const std::pair<const char*, const char*> kTable[] = {
      {"v=DKIM1; k=rsa; p=CCCC", "dkim-differs"},
      {"v=DKIM1; k=ed25519; p=AAAA", "dkim-differs"},
      {"v=DKIM1; p=", "dkim-revoked"},
      {"v=DKIM1; k=rsa", "dkim-broken"},
      {"h=sha1; p=AAAA", "dkim-limited"},
      {"s=tlsrpt; p=AAAA", "dkim-limited"}};
  for (const auto& [text, id] : kTable) {
    const Seen seen = published(text);
    EXPECT_EQ(seen.standing, Standing::kFails) << text;
    EXPECT_THAT(ids_of(seen.findings), ElementsAre(id)) << text;
  }
  EXPECT_EQ(published("t=y; p=AAAA").standing, Standing::kPasses);
  EXPECT_THAT(ids_of(published("t=y; p=AAAA").findings), ElementsAre("dkim-testing"));
}

TEST(DkimRules, AMissingRecordIsShownAsItShouldBe) {
  const Seen seen = look({kRsa}, {});
  EXPECT_EQ(seen.standing, Standing::kFails);
  EXPECT_EQ(what_of(seen.findings, "dkim-missing"),
            "r1._domainkey.acme.example has no TXT record; it should be v=DKIM1; k=rsa; p=AAAA");
}

TEST(DkimRules, TwoRecordsAreNone) {
  const Seen seen = look({kRsa}, dns::TableLookup()
                                     .txt("r1._domainkey.acme.example", "p=AAAA")
                                     .txt("r1._domainkey.acme.example", "p=CCCC"));
  EXPECT_THAT(ids_of(seen.findings), ElementsAre("dkim-broken"));
}

TEST(DkimRules, OneGoodKeyOfTwoPasses) {
  const Seen seen = look(
      {kRsa, kEd}, dns::TableLookup().txt("r1._domainkey.acme.example", "v=DKIM1; k=rsa; p=AAAA"));
  EXPECT_EQ(seen.standing, Standing::kPasses);
  EXPECT_THAT(what_of(seen.findings, "dkim-missing"), HasSubstr("e1._domainkey"));
}

TEST(DkimRules, Ed25519AloneIsTooNew) {
  const Seen seen = look({kEd}, dns::TableLookup().txt("e1._domainkey.acme.example", kEd.record));
  EXPECT_EQ(seen.standing, Standing::kPasses);
  EXPECT_THAT(ids_of(seen.findings), ElementsAre("dkim-ed25519-only"));
}

TEST(DkimRules, NobodySigns) {
  EXPECT_EQ(look({}, {}).standing, Standing::kFails);
  EXPECT_THAT(ids_of(look({}, {}).findings), ElementsAre("dkim-none"));
  EXPECT_EQ(look({}, {}, true).standing, Standing::kUnknown);
  EXPECT_THAT(ids_of(look({}, {}, true).findings), IsEmpty());
}

TEST(DkimRules, WhatIsNotKnownIsNoPass) {
  const Seen silent =
      look({kRsa}, dns::TableLookup().silent("r1._domainkey.acme.example", dns::Type::kTxt));
  EXPECT_EQ(silent.standing, Standing::kUnknown);
  EXPECT_THAT(ids_of(silent.findings), ElementsAre("not-checked"));
  SigningKey unread = kRsa;
  unread.record.clear();
  unread.unread = "r1.pem is not here";
  const Seen half = look({unread}, dns::TableLookup().txt("r1._domainkey.acme.example", "p=AAAA"));
  EXPECT_EQ(half.standing, Standing::kUnknown);
  EXPECT_EQ(what_of(half.findings, "not-checked"),
            "whether the key at r1._domainkey.acme.example is ours: r1.pem is not here");
}

}  // namespace
}  // namespace hongyan::check
