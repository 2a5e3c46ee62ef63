#include "sink/profile_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hongyan::sink {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> faults_of(std::string_view text) {
  const auto listeners = parse_listeners({}, text, "p.toml");
  std::vector<std::string> sentences;
  if (!listeners)
    for (const Fault& fault : listeners.error()) sentences.push_back(fault.sentence());
  return sentences;
}

TEST(Profile, SharesAreDrawnFromTheAddressAndTheSeed) {
  Profile profile;
  profile.recipients = {{*parse_script("bounce"), 0.05}, {*parse_script("defer-451-1"), 0.10}};
  int bounced = 0;
  int deferred = 0;
  for (int i = 0; i < 20'000; ++i) {
    const auto address = "user" + std::to_string(i) + "@x.example";
    const auto script = profile.script_for(address);
    ASSERT_EQ(script, profile.script_for(address));
    bounced += script && script->code == 550;
    deferred += script && script->code == 451;
  }
  EXPECT_NEAR(bounced, 1000, 150);
  EXPECT_NEAR(deferred, 2000, 200);
}

TEST(Profile, OwnScriptComesBeforeDomainBeforeShare) {
  Profile profile;
  profile.domains = {{"full.example", *parse_script("bounce-552-5.2.2")},
                     {"*.gone.example", *parse_script("bounce-550-5.1.2")}};
  profile.recipients = {{*parse_script("defer"), 1.0}};
  EXPECT_EQ(profile.script_for("drop-data@full.example")->deed, Deed::kDrop);
  EXPECT_EQ(profile.script_for("li@FULL.example")->code, 552);
  EXPECT_EQ(profile.script_for("li@sub.full.example")->code, 451);
  EXPECT_EQ(profile.script_for("li@gone.example")->enhanced, "5.1.2");
  EXPECT_EQ(profile.script_for("li@a.gone.example")->enhanced, "5.1.2");
  EXPECT_EQ(profile.script_for("li@begone.example")->code, 451);
}

TEST(ProfileFile, EveryKeyIsRead) {
  const auto listeners = parse_listeners({"127.0.0.5:2525"}, R"(
seed = 7
host = "mx.example"
latency = "50ms"
style = "netease"
offers = ["PIPELINING", "SIZE"]
[limits]
connections = 3
messages_per_connection = 7
recipients_per_message = 10
rate = "120/min"
burst = 4
message_bytes = 1000
[addresses]
"defer-451-4.7.1-1" = 0.05
[domains]
"Full.Example" = "bounce-552-5.2.2"
[[listener]]
listen = "127.0.0.6"
latency = "2s"
[[listener]]
listen = "[::1]:26"
always_421 = true
)",
                                         "p.toml");
  ASSERT_TRUE(listeners) << listeners.error().front().sentence();
  ASSERT_EQ(listeners->size(), 3U);
  const Listener& first = (*listeners)[0];
  EXPECT_EQ(first.address, "127.0.0.5");
  EXPECT_EQ(first.port, 2525);
  EXPECT_EQ(first.profile.seed, 7U);
  EXPECT_EQ(first.profile.latency, Millis(50));
  EXPECT_EQ(first.profile.style, "netease");
  EXPECT_TRUE(first.profile.offers.size);
  EXPECT_FALSE(first.profile.offers.starttls);
  EXPECT_EQ(first.profile.limits.messages_per_connection, 7U);
  EXPECT_DOUBLE_EQ(first.profile.limits.messages_per_second, 2);
  EXPECT_DOUBLE_EQ(first.profile.limits.burst, 4);
  EXPECT_EQ(first.profile.limits.message_bytes, 1000U);
  ASSERT_EQ(first.profile.recipients.size(), 1U);
  EXPECT_EQ(first.profile.domains.at(0).domain, "full.example");
  const Listener& second = (*listeners)[1];
  EXPECT_EQ(second.address, "127.0.0.6");
  EXPECT_EQ(second.profile.latency, Millis(2000));
  EXPECT_EQ(second.profile.limits.connections, 3U);
  const Listener& third = (*listeners)[2];
  EXPECT_EQ(third.address, "::1");
  EXPECT_EQ(third.port, 26);
  EXPECT_EQ(third.profile.connections.at(0).script.code, 421);
}

TEST(ProfileFile, AllFaultsAreNamedWithTheirLines) {
  EXPECT_THAT(faults_of("sed = 1\nlatency = 5\n[limits]\nrate = \"fast\"\nburst = -1\n"
                        "[addresses]\n\"bonce\" = 0.1\n\"drop-mail\" = 0.1\n\"bounce\" = 2\n"
                        "[[listener]]\nlisten = \"1.2.3.4:99999\"\n"),
              testing::UnorderedElementsAre(
                  HasSubstr("p.toml:1: unknown key `sed` (did you mean `seed`?)"),
                  HasSubstr("p.toml:2: is not a time"), HasSubstr("p.toml:4: is not a rate"),
                  HasSubstr("p.toml:5: is out of range"), HasSubstr("p.toml:7: unknown script"),
                  HasSubstr("p.toml:8: `drop-mail` cannot depend on a recipient"),
                  HasSubstr("p.toml:9: is not a share"), HasSubstr("shares of more than 1"),
                  HasSubstr("`1.2.3.4:99999` is not ADDR[:PORT]")));
  EXPECT_THAT(faults_of("seed = \n"), ElementsAre(HasSubstr("p.toml:1")));
}

TEST(ProfileFile, NothingGivenListensOnLoopback) {
  const auto listeners = parse_listeners({}, "", "");
  ASSERT_TRUE(listeners);
  ASSERT_EQ(listeners->size(), 1U);
  EXPECT_EQ(listeners->front().address, "127.0.0.1");
  EXPECT_EQ(listeners->front().port, 0);
}

}  // namespace
}  // namespace hongyan::sink
