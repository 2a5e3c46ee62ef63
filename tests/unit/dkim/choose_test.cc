#include "engine/dkim/choose.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace hongyan::dkim {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> chosen(std::vector<std::string> domains, std::string_view from) {
  static const Key key = Key::generate(Algorithm::kEd25519Sha256);
  std::vector<Identity> all;
  for (std::size_t i = 0; i < domains.size(); ++i)
    all.push_back({domains[i], "s" + std::to_string(i), key});
  std::vector<std::string> names;
  for (const Identity& one : identities_for(all, from)) names.push_back(one.selector);
  return names;
}

TEST(IdentitiesFor, EveryKeyOfTheDomainItselfSigns) {
  EXPECT_THAT(chosen({"other.cn", "acme.cn", "acme.cn"}, "acme.cn"), ElementsAre("s1", "s2"));
  EXPECT_THAT(chosen({"acme.cn", "news.acme.cn"}, "news.acme.cn"), ElementsAre("s1"));
}

TEST(IdentitiesFor, ElseTheNearestAbove) {
  EXPECT_THAT(chosen({"acme.cn", "b.acme.cn", "x.acme.cn"}, "a.b.acme.cn"), ElementsAre("s1"));
  EXPECT_THAT(chosen({"x.acme.cn", "acme.cn"}, "b.acme.cn"), ElementsAre("s1"));
}

TEST(IdentitiesFor, ElseTheFirstOfTheSameOrganization) {
  EXPECT_THAT(chosen({"other.cn", "mail.acme.cn", "x.acme.cn"}, "acme.cn"), ElementsAre("s1"));
  EXPECT_THAT(chosen({"other.com.cn", "mail.acme.com.cn"}, "news.acme.com.cn"), ElementsAre("s1"));
}

TEST(IdentitiesFor, ElseTheChannelsFirstDomain) {
  EXPECT_THAT(chosen({"acme.cn", "other.cn", "acme.cn"}, "beta.cn"), ElementsAre("s0", "s2"));
  EXPECT_THAT(chosen({"acme.com.cn"}, "com.cn"), ElementsAre("s0"));
}

TEST(IdentitiesFor, ChannelWithoutKeysHasNone) {
  EXPECT_THAT(chosen({}, "acme.cn"), ElementsAre());
}

}  // namespace
}  // namespace hongyan::dkim
