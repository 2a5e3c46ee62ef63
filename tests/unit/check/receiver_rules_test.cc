#include "engine/check/receiver_rules.h"

#include "tests/unit/check/findings_of.h"
#include "tests/unit/dns/table_lookup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hongyan::check {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct World {
  dns::TableLookup dns;
  dns::ProviderIndex index{
      std::vector<dns::ProviderPattern>{{"google", {".google.com"}}, {"qq", {".qq.com"}}}};
  dns::StaticRoutes routes;
  Findings findings;

  World() {
    dns.mx("gmail.com", 5, "gmail-smtp-in.l.google.com")
        .mx("acme.example", 1, "aspmx.l.google.com");
    dns.mx("qq.com", 10, "mx1.qq.com").mx("small.example", 10, "mx.small.example");
    dns.host("direct.example", "192.0.2.1").mx("null.example", 0, "").txt("bare.example", "x");
  }
  std::vector<Receiver> find(const DomainCounts& domains) {
    return find_receivers(domains, index, routes, dns, findings);
  }
};

TEST(ReceiverRules, DomainsOfOneReceiverAreOne) {
  World world;
  const auto receivers = world.find({{"gmail.com", 5},
                                     {"qq.com", 4},
                                     {"acme.example", 1},
                                     {"small.example", 1},
                                     {"direct.example", 1}});
  ASSERT_EQ(receivers.size(), 4U);
  EXPECT_EQ(receivers[0].provider, "google");
  EXPECT_EQ(receivers[0].recipients, 6U);
  EXPECT_TRUE(receivers[0].named);
  EXPECT_EQ(receivers[2].provider, "a:192.0.2.1");
  EXPECT_EQ(receivers[3].provider, "mx:small.example");
  EXPECT_FALSE(receivers[3].named);
  EXPECT_THAT(ids_of(world.findings), ElementsAre("list-receivers"));
  EXPECT_THAT(what_of(world.findings, "list-receivers"), HasSubstr("google 50.0 %, qq 33.3 %"));
}

TEST(ReceiverRules, DomainsThatTakeNoMailAreDead) {
  World world;
  world.find({{"gmail.com", 94}, {"null.example", 2}, {"nobody.example", 2}, {"bare.example", 2}});
  EXPECT_THAT(ids_of(world.findings), ElementsAre("list-dead-domains", "list-receivers"));
  const std::string what = what_of(world.findings, "list-dead-domains");
  EXPECT_THAT(what, HasSubstr("6 of 100 recipients (6.00 %): null.example (null-mx), "
                              "nobody.example (nxdomain), bare.example (no-address)"));
  World few;
  few.find({{"gmail.com", 99}, {"null.example", 1}});
  EXPECT_THAT(ids_of(few.findings), ElementsAre("list-dead-domains-some", "list-receivers"));
}

TEST(ReceiverRules, ACompanyAtAChineseReceiverIsInChina) {
  World world;
  world.dns.mx("company.example", 5, "mx3.qq.com");
  const auto receivers = world.find({{"company.example", 3}, {"gmail.com", 2}});
  EXPECT_EQ(receivers[0].chinese, 3U);
  EXPECT_EQ(receivers[1].chinese, 0U);
}

TEST(ReceiverRules, SilenceIsNotDeath) {
  World world;
  world.dns.silent("qq.com", dns::Type::kMx);
  const auto receivers = world.find({{"gmail.com", 5}, {"qq.com", 4}});
  EXPECT_THAT(ids_of(world.findings), ElementsAre("not-checked", "list-receivers"));
  EXPECT_EQ(receivers[1].provider, "mx:qq.com");
}

TEST(ReceiverRules, ConfiguredRoutesAreNotAsked) {
  World world;
  world.routes = dns::StaticRoutes({{"*", "127.0.0.1", 2525, std::string("house")}});
  const auto receivers = world.find({{"gmail.com", 5}, {"nobody.example", 5}});
  ASSERT_EQ(receivers.size(), 1U);
  EXPECT_EQ(receivers[0].provider, "house");
  EXPECT_EQ(world.dns.asked, 0);
}

}  // namespace
}  // namespace hongyan::check
