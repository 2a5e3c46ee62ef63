#include "engine/config/alignment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace hongyan::config {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Fleet fleet_of(const std::string& envelope, const std::vector<std::string>& keys,
               const std::vector<std::string>& from_domains) {
  Fleet fleet;
  fleet.channels["c"].envelope_sender = "b@" + envelope;
  for (const std::string& domain : keys) fleet.channels["c"].dkim.push_back({domain, "s", "s.pem"});
  fleet.tenants["t"].from_domains = from_domains;
  return fleet;
}

std::vector<std::string> places(const Fleet& fleet) {
  std::vector<std::string> found;
  for (const Fault& one : alignment_warnings(fleet)) found.push_back(one.where);
  return found;
}

TEST(AlignmentWarnings, OrganizationsAreComparedNotNames) {
  EXPECT_THAT(places(fleet_of("send.acme.com.cn", {"acme.com.cn"}, {"news.acme.com.cn"})),
              IsEmpty());
}

TEST(AlignmentWarnings, EnvelopeOfAStranger) {
  EXPECT_THAT(places(fleet_of("send.example.cn", {"acme.cn"}, {"acme.cn"})),
              ElementsAre("channel.c.envelope_sender"));
}

TEST(AlignmentWarnings, EachFromDomainThatNoKeyAlignsWith) {
  const Fleet fleet = fleet_of("acme.cn", {"acme.cn"}, {"acme.cn", "beta.cn"});
  EXPECT_THAT(places(fleet), ElementsAre("channel.c.dkim"));
  EXPECT_EQ(
      alignment_warnings(fleet).front().sentence(),
      "channel.c.dkim: has no key that aligns with beta.cn (tenant.t); its messages are signed by "
      "acme.cn, which DMARC does not count (hongyan dkim keygen --domain beta.cn)");
}

TEST(AlignmentWarnings, DomainsAreComparedAsALabels) {
  EXPECT_THAT(places(fleet_of("鸿雁.example", {"xn--9n5an1m.example"}, {})), IsEmpty());
}

TEST(AlignmentWarnings, ChannelWithoutKeysClaimsNothing) {
  EXPECT_THAT(places(fleet_of("send.example.cn", {}, {"acme.cn"})), IsEmpty());
}

}  // namespace
}  // namespace hongyan::config
