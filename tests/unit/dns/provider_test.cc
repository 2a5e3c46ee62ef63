#include "dns/provider.h"

#include "dns/static_routes.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace hongyan::dns {
namespace {

ProviderIndex sample_index() {
  const std::vector<ProviderPattern> patterns{
      {"google", {".google.com"}},
      {"outlook", {".protection.outlook.com"}},
      {"hotmail", {".olc.protection.outlook.com"}},
      {"tencent", {"mx1.qq.com", ".Mail.QQ.com"}},
  };
  return ProviderIndex(patterns);
}

TEST(Provider, LongestPatternNamesAHost) {
  const ProviderIndex index = sample_index();
  EXPECT_EQ(index.named("aspmx.l.google.com"), "google");
  EXPECT_EQ(index.named("a-com.mail.protection.outlook.com"), "outlook");
  EXPECT_EQ(index.named("a.olc.protection.outlook.com"), "hotmail");
  EXPECT_EQ(index.named("mx1.qq.com"), "tencent");
  EXPECT_EQ(index.named("x.mail.qq.com"), "tencent");
  for (const char* none :
       {"google.com", "evilgoogle.com", "google.com.evil.test", "mx2.qq.com", ""})
    EXPECT_EQ(index.named(none), "") << none;
}

TEST(Provider, SetOfOneProviderHasItsName) {
  EXPECT_EQ(sample_index().of_hosts({"alt1.l.google.com", "aspmx.l.google.com"}), "google");
}

TEST(Provider, OtherSetsGetAStableName) {
  const ProviderIndex index = sample_index();
  EXPECT_EQ(index.of_hosts({"mx2.example.net", "mx1.example.net"}), "mx:example.net");
  EXPECT_EQ(index.of_hosts({"a.mail.example.com.cn"}), "mx:example.com.cn");
  const std::string mixed = index.of_hosts({"mx.one.test", "mx.two.test"});
  EXPECT_EQ(mixed, index.of_hosts({"mx.two.test", "mx.one.test"}));
  EXPECT_EQ(mixed, "mx-5cc785a716d43c77") << "the name is kept in stores: it must never change";
  EXPECT_NE(mixed, index.of_hosts({"mx.one.test", "mx.three.test"}));
  const std::string both = index.of_hosts({"aspmx.l.google.com", "mx1.qq.com"});
  EXPECT_TRUE(both.starts_with("mx-")) << both;
  const std::string endless = std::string(60, 'a') + "." + std::string(60, 'b');
  EXPECT_TRUE(index.of_hosts({endless}).starts_with("mx-"));
}

TEST(Provider, RegistrablePartKeepsThirdLabelUnderCountryRegistries) {
  EXPECT_EQ(registrable_part("mx.a.example.com"), "example.com");
  EXPECT_EQ(registrable_part("mx.example.co.uk"), "example.co.uk");
  EXPECT_EQ(registrable_part("example.com.cn"), "example.com.cn");
  EXPECT_EQ(registrable_part("mx.example.cn"), "example.cn");
  EXPECT_EQ(registrable_part("localhost"), "localhost");
}

TEST(Provider, DomainWithoutMxIsNamedByItsLeastAddress) {
  const std::vector<IpAddress> addresses{*IpAddress::parse("8.8.8.8"),
                                         *IpAddress::parse("8.8.4.4")};
  EXPECT_EQ(provider_of_addresses(addresses), "a:8.8.4.4");
}

TEST(StaticRoutes, MostSpecificEntryWinsInAnyOrder) {
  std::vector<StaticRoute> entries{{"*", "h0", 25, {}},
                                   {".test", "h1", 25, {}},
                                   {".a.test", "h2", 25, {}},
                                   {"x.a.test", "h3", 25, {}}};
  for (int order = 0; order < 2; ++order) {
    const StaticRoutes routes(entries);
    EXPECT_EQ(routes.find("other.example")->host, "h0");
    EXPECT_EQ(routes.find("b.test")->host, "h1");
    EXPECT_EQ(routes.find("a.test")->host, "h1");
    EXPECT_EQ(routes.find("y.A.test")->host, "h2");
    EXPECT_EQ(routes.find("X.a.test")->host, "h3");
    std::ranges::reverse(entries);
  }
  EXPECT_EQ(StaticRoutes({{".a.test", "h", 25, {}}}).find("ba.test"), nullptr);
}

TEST(StaticRoutes, ProviderIsConfiguredOrDerivedFromTheHost) {
  const ProviderIndex index = sample_index();
  const auto provider = [&](StaticRoute entry) {
    return make_static_route(entry, {*IpAddress::parse("127.0.0.1")}, index, {})->provider;
  };
  EXPECT_EQ(provider({"*", "127.0.0.1", 25, "demo"}), "demo");
  EXPECT_EQ(provider({"*", "127.0.0.1", 25, {}}), "a:127.0.0.1");
  EXPECT_EQ(provider({"*", "smtp.google.com", 25, {}}), "google");
  EXPECT_EQ(provider({"*", "relay.example.net", 25, {}}), "mx:example.net");
}

TEST(StaticRoutes, EveryFaultIsToldAtOnce) {
  const auto faults = StaticRoutes::check(
      {{"a.test", "127.0.0.1", 0, {}}, {"A.test", "h", 25, {}}, {"..", "a b", 25, {}}}, {});
  EXPECT_EQ(faults.size(), 5U) << ::testing::PrintToString(faults);
  EXPECT_TRUE(
      StaticRoutes::check({{"*", "h", 25, {}}, {".b.test", "8.8.8.8", 25, {}}}, {}).empty());
}

}  // namespace
}  // namespace hongyan::dns
