#include "engine/config/canonical.h"

#include <gmock/gmock.h>

#include <algorithm>

namespace hongyan::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

constexpr std::string_view kText = R"(
[redis]
url = "redis://u:s3cret@h:1"
[source.a]
ehlo = "a.example"
engines = ["elsewhere"]
relay = {host = "relay.example", username = "u", password = "env:HONGYAN_RELAY"}
[source.fresh]
ehlo = "f.example"
address = "192.0.2.9"
proxy = "10.0.0.5:2526"
warmup_start = "2026-11-20"
[channel.q]
price = "0.007"
sources = ["a"]
envelope_sender = "bounce@a.example"
retry_jitter = 0.25
rates = ["60/min", "3000/h burst 40"]
dkim = [{domain = "a.example", selector = "s", key = "k"}]
[tenant.t]
from_domains = ["a.example"]
prepaid = true
[provider.p]
mx = [".p.example"]
warmup = [10, 20, 40]
tls = "verified"
[[route]]
domain = "r.example"
host = "mx.r.example"
provider = "p"
[tls_rpt]
organization = "A"
contact = "tls@A.example"
tenant = "t"
channel = "q"
)";

Config config() {
  auto loaded = load_config_text(kText, "c.toml", {.host_name = "h", .cores = 1, .folder = {}});
  EXPECT_TRUE(loaded) << (loaded ? "" : loaded.error().at(0).sentence());
  return *loaded;
}

TEST(CanonicalJson, ComesBackUnchanged) {
  const std::string json = fleet_canonical_json(config().fleet);
  const auto back = fleet_from_json(json);
  ASSERT_TRUE(back) << back.error().at(0).sentence();
  EXPECT_EQ(fleet_canonical_json(*back), json);
  EXPECT_THAT(differing_keys(*back, config().fleet), IsEmpty());
  EXPECT_EQ(back->channels.at("q").retry_jitter, 0.25);
  EXPECT_EQ(back->sources.at("a").relay->password.place(), "env:HONGYAN_RELAY");
  EXPECT_EQ(back->sources.at("fresh").proxy, "10.0.0.5:2526");
  EXPECT_EQ(back->tls_rpt->contact, "tls@a.example");
}

TEST(CanonicalJson, KeysAreSortedAndDefaultsIncluded) {
  const std::string json = fleet_canonical_json(config().fleet);
  EXPECT_THAT(json, StartsWith(R"({"billing":{"timezone":"Asia/Shanghai"},"channel":{"q":{)"));
  EXPECT_THAT(json, HasSubstr(R"("price":"0.007")"));
  EXPECT_THAT(json, HasSubstr(R"("retry_expiry":"3d")"));
}

TEST(CanonicalJson, OfABadDocumentIsAFaultNotACrash) {
  for (const char* text : {"", "[]", "{", R"({"channel":{"q":{}}})", R"({"x":1})", R"({"route":1})",
                           R"({"retention":{"events":1e99}})", R"({"billing":null})"})
    EXPECT_FALSE(fleet_from_json(text)) << text;
}

TEST(FleetDigest, ChangesWithAnyValue) {
  const Config one = config();
  Config other = one;
  EXPECT_EQ(fleet_digest(one.fleet).size(), 64U);
  EXPECT_EQ(fleet_digest(one.fleet), fleet_digest(other.fleet));
  other.fleet.channels.at("q").price = MicroYuan{7001};
  EXPECT_NE(fleet_digest(one.fleet), fleet_digest(other.fleet));
}

TEST(DifferingKeys, NamesChangedAddedAndRemoved) {
  const Fleet one = config().fleet;
  Fleet other = one;
  other.channels.at("q").price = MicroYuan{8000};
  other.tenants.erase("t");
  other.providers.at("p").limits.connections = 3;
  EXPECT_THAT(differing_keys(one, other),
              ElementsAre("channel.q.price", "provider.p.connections", "tenant.t.from_domains",
                          "tenant.t.low_balance", "tenant.t.prepaid"));
}

TEST(ListSettings, EffectiveShowsDefaultsOthersOnlyWhatWasSet) {
  const auto has = [](const std::vector<Setting>& settings, std::string_view key) {
    return std::ranges::any_of(settings, [&](const Setting& s) { return s.key == key; });
  };
  const auto set = list_settings(config(), false);
  const auto all = list_settings(config(), true);
  EXPECT_TRUE(has(set, "channel.q.price"));
  EXPECT_FALSE(has(set, "smtp.port"));
  EXPECT_TRUE(has(all, "smtp.port"));
  for (const Setting& setting : all) EXPECT_THAT(setting.value, Not(HasSubstr("s3cret")));
}

}  // namespace
}  // namespace hongyan::config
