#include "dns/mx.h"

#include <gtest/gtest.h>

#include <map>

namespace hongyan::dns {
namespace {

IpAddress ip(const char* text) {
  return IpAddress::parse(text).value();
}

Answer mx_answer(std::vector<MxRecord> records, Rcode rcode = Rcode::kNoError) {
  Answer out;
  out.rcode = rcode;
  out.mx = std::move(records);
  return out;
}

std::vector<std::string> names(const std::vector<MxHost>& hosts) {
  std::vector<std::string> out;
  for (const MxHost& host : hosts) out.push_back(host.name);
  return out;
}

std::string_view plan_code(const Answer& answer) {
  const auto plan = plan_mx(answer, "a.test");
  return plan ? "planned" : plan.error().code;
}

TEST(MxPlan, HostsComeByPreferenceEachOnce) {
  const auto plan = plan_mx(
      mx_answer({{30, "c.test"}, {10, "A.test"}, {20, "b.test"}, {20, "a.test"}}), "x.test");
  ASSERT_TRUE(plan);
  EXPECT_EQ(names(plan->hosts), (std::vector<std::string>{"a.test", "b.test", "c.test"}));
  EXPECT_FALSE(plan->implicit);
}

TEST(MxPlan, WithoutMxTheDomainIsItsOwnHost) {
  const auto plan = plan_mx(mx_answer({}), "x.test");
  ASSERT_TRUE(plan);
  EXPECT_TRUE(plan->implicit);
  EXPECT_EQ(names(plan->hosts), std::vector<std::string>{"x.test"});
}

TEST(MxPlan, DeadAndSickDomainsAreTold) {
  EXPECT_EQ(plan_code(mx_answer({}, Rcode::kNxDomain)), "nxdomain");
  EXPECT_EQ(plan_code(mx_answer({{0, ""}})), "null-mx");
  EXPECT_EQ(plan_code(mx_answer({{10, ""}, {0, ""}})), "null-mx");
  EXPECT_EQ(plan_code(mx_answer({}, Rcode::kServFail)), "servfail");
  EXPECT_EQ(plan_code(mx_answer({}, Rcode::kRefused)), "servfail");
}

TEST(MxPlan, NamesThatAreNoHostsAreSkippedAndTheDomainIsNoFallback) {
  EXPECT_EQ(plan_code(mx_answer({{1, "1.2.3.4"}, {2, "a b"}, {3, "x\\046y"}})), "no-address");
  EXPECT_EQ(plan_code(mx_answer({{0, ""}, {10, "mx.test"}})), "planned");
}

TEST(MxPlan, OnlyTheFirstHostsOfAHugeSetAreTried) {
  std::vector<MxRecord> records;
  for (std::uint16_t i = 0; i < 60; ++i) records.push_back({i, "h" + std::to_string(i) + ".test"});
  EXPECT_EQ(plan_mx(mx_answer(records), "a.test")->hosts.size(), kMaxHosts);
}

// One host named mx.test and what its questions brought.
std::string_view place_code(const HostAddresses& found, bool implicit = false,
                            const PeerFilter& filter = {}) {
  const auto hosts = place_addresses({{{"mx.test", 10, {}}}, implicit}, {found}, filter, "a.test");
  return hosts ? "placed" : hosts.error().code;
}

TEST(MxAddresses, WhatIsFoundDecidesBetweenNeverAndLater) {
  const HostAddresses good{{ip("8.8.8.8")}, false, false};
  const HostAddresses half{{ip("8.8.8.8")}, true, false};
  const HostAddresses inside{{ip("127.0.0.1"), ip("::ffff:10.0.0.1")}, false, false};
  const HostAddresses inside_half{{ip("127.0.0.1")}, true, false};
  EXPECT_EQ(place_code(good), "placed");
  EXPECT_EQ(place_code(half), "placed");
  EXPECT_EQ(place_code(inside), "forbidden-address");
  EXPECT_EQ(place_code(inside_half), "dns-unresolved");
  EXPECT_EQ(place_code({{}, true, false}), "dns-unresolved");
  EXPECT_EQ(place_code({{}, false, false}), "no-address");
  EXPECT_EQ(place_code({{}, false, true}), "no-address");
  EXPECT_EQ(place_code({{}, false, true}, true), "nxdomain");
  EXPECT_EQ(place_code(inside, false, {{*Network::parse("127.0.0.0/8")}, {}}), "placed");
}

TEST(MxAddresses, HostsWithoutUsableAddressAreLeftOut) {
  MxPlan plan{{{"in.test", 1, {}}, {"out.test", 2, {}}, {"gone.test", 3, {}}}, false};
  const auto hosts = place_addresses(
      plan, {{{ip("10.0.0.1")}}, {{ip("8.8.8.8"), ip("192.168.0.1"), ip("8.8.8.8")}}, {}}, {}, "a");
  ASSERT_TRUE(hosts);
  EXPECT_EQ(names(*hosts), std::vector<std::string>{"out.test"});
  EXPECT_EQ(hosts->front().addresses, std::vector<IpAddress>{ip("8.8.8.8")});
}

Route sample_route() {
  Route route;
  route.port = 2525;
  route.hosts = {{"a.test", 10, {ip("8.8.0.1"), ip("8.8.0.2"), ip("2600::1"), ip("2600::2")}},
                 {"b.test", 10, {ip("8.8.1.1")}},
                 {"c.test", 20, {ip("8.8.2.1")}}};
  return route;
}

TEST(OrderTargets, EveryAddressOfEveryHostOnceAndByPreference) {
  Random random(3);
  for (int round = 0; round < 100; ++round) {
    const auto targets = order_targets(sample_route(), random);
    ASSERT_EQ(targets.size(), 6U);
    EXPECT_EQ(targets.back(), (Target{"c.test", ip("8.8.2.1"), 2525}));
    for (std::size_t i = 0; i + 1 < targets.size(); ++i) {
      if (targets[i].host != "a.test" || targets[i + 1].host != "a.test") continue;
      EXPECT_NE(targets[i].address.is_v4(), targets[i + 1].address.is_v4());
    }
  }
}

TEST(OrderTargets, EqualHostsShareTheLoad) {
  Random random(4);
  std::map<std::string, int> first;
  for (int round = 0; round < 1000; ++round) ++first[order_targets(sample_route(), random)[0].host];
  EXPECT_GT(first["a.test"], 400);
  EXPECT_GT(first["b.test"], 400);
  EXPECT_EQ(first["c.test"], 0);
}

TEST(Permanence, OnlyBadDomainsAreGivenUp) {
  for (const char* code : {"bad-name", "nxdomain", "null-mx", "forbidden-address", "no-address"})
    EXPECT_TRUE(is_permanent({Scope::kHost, code, {}})) << code;
  for (const char* code :
       {"servfail", "dns-timeout", "dns-unreachable", "dns-unresolved", "dns-malformed",
        "dns-cancelled", "dns-failed", "static-route-unresolved"})
    EXPECT_FALSE(is_permanent({Scope::kHost, code, {}})) << code;
}

}  // namespace
}  // namespace hongyan::dns
