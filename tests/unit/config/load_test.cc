#include "engine/config/canonical.h"
#include "engine/config/config.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

namespace hongyan::config {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

const Surroundings kHost{.host_name = "host-a", .cores = 4, .folder = {}};

Config loaded(std::string_view text) {
  auto config = load_config_text(text, "test.toml", kHost);
  if (!config)
    for (const Fault& fault : config.error()) ADD_FAILURE() << fault.sentence();
  return config ? *config : Config{};
}

std::string file_text(const std::string& path) {
  std::ifstream file(std::string(HONGYAN_SOURCE_DIR) + "/" + path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// "channel.quality.price" → "channel.NAME.price"
std::string documented(const std::string& key) {
  if (key == "route") return "[[route]]";
  for (const std::string part : {"source.", "channel.", "tenant.", "oauth2."})
    if (key.starts_with(part)) return part + "NAME" + key.substr(key.find('.', part.size()));
  return key;
}

TEST(LoadConfig, EmptyFileGivesDefaultsOfTheContract) {
  const Config config = loaded("");
  EXPECT_EQ(config.local.engine.id, "host-a");
  EXPECT_EQ(config.local.engine.workers, 4);
  EXPECT_EQ(config.local.smtp.port, 25);
  EXPECT_EQ(config.local.http.listen, "127.0.0.1:8925");
  EXPECT_EQ(config.fleet.billing_timezone, "Asia/Shanghai");
  EXPECT_EQ(config.fleet.retention.jobs, std::chrono::days(30));
  EXPECT_EQ(config.fleet.retention.ledger, std::chrono::days(400));
  EXPECT_THAT(config.fleet.channels, IsEmpty());  // so nothing can leave the machine
}

TEST(LoadConfig, ProductionExampleIsWithoutFault) {
  // Secrets of other engines' sources are not read here: /run/secrets/relay need not exist.
  const Config config = loaded(file_text("configs/hongyan.toml"));
  EXPECT_EQ(config.fleet.channels.at("quality").price, MicroYuan{7000});
  EXPECT_EQ(config.fleet.channels.at("quality").message_id_domain, "send.example.cn");
  EXPECT_THAT(config.local.sources_here, ElementsAre("bulk-a", "bulk-b"));
  EXPECT_EQ(config.fleet.sources.at("relay").relay->host, "smtp.provider.example");
}

TEST(LoadConfig, DemoIsWithoutFaultAndStaysOnLoopback) {
  EXPECT_EQ(demo_config(), file_text("configs/demo.toml"));
  const Config config = loaded(demo_config());
  EXPECT_THAT(config.local.smtp.allow_networks, ElementsAre("127.0.0.0/8", "::1/128"));
  EXPECT_THAT(config.fleet.channels.at("quality").retry, ElementsAre(seconds(1), seconds(2)));
}

TEST(LoadConfig, SourceOfAnotherEngineIsNotHere) {
  constexpr std::string_view kText = R"(
[engine]
id = "e1"
[source.open]
ehlo = "a.example"
[source.mine]
ehlo = "b.example"
engines = ["e0", "e1"]
[source.theirs]
ehlo = "c.example"
engines = ["e2"]
)";
  EXPECT_THAT(loaded(kText).local.sources_here, ElementsAre("mine", "open"));
}

TEST(LoadConfig, EngineIdMayComeFromTheEnvironmentAndThenNamesItsSources) {
  constexpr std::string_view kText = R"(
[engine]
id = "env:HONGYAN_TEST_ENGINE"
[source.mine]
ehlo = "b.example"
engines = ["mail-1"]
)";
  setenv("HONGYAN_TEST_ENGINE", "mail-1", 1);
  const Config config = loaded(kText);
  EXPECT_EQ(config.local.engine.id, "mail-1");
  EXPECT_THAT(config.local.sources_here, ElementsAre("mine"));
}

TEST(LoadConfig, ProviderKeysAreReadAndMayBeOverriddenOneByOne) {
  constexpr std::string_view kText = R"(
[provider.some]
title = "Some"
mx = ["MX.Some.Example", ".some.example"]
connections = 5
messages_per_connection = 20
rates = ["60/min", "3000/h burst 30"]
warmup = [50, 70]
tls = "required"
)";
  const Provider provider = loaded(kText).fleet.providers.at("some");
  EXPECT_THAT(provider.mx, ElementsAre("mx.some.example", ".some.example"));
  EXPECT_EQ(provider.limits.connections, 5);
  EXPECT_THAT(provider.limits.rates, ElementsAre(scheduler::Rate{60, minutes(1), 1},
                                                 scheduler::Rate{3000, std::chrono::hours(1), 30}));
  EXPECT_THAT(provider.limits.warmup, ElementsAre(50, 70));
  EXPECT_EQ(provider.tls, TlsMode::kRequired);
}

TEST(LoadConfig, SecretsComeFromFileOrEnvironment) {
  const std::string path = testing::TempDir() + "hongyan_secret";
  std::ofstream(path) << "from file\r\n";
  setenv("HONGYAN_TEST_SECRET", "from environment", 1);
  const Config config = loaded("[redis]\npassword_file = \"" + path +
                               "\"\n[http]\nbearer_token = \"env:HONGYAN_TEST_SECRET\"\n"
                               "[mailbox_hook]\nurl = \"https://hooks.acme.example/new\"\n"
                               "secret = \"env:HONGYAN_TEST_SECRET\"\n");
  EXPECT_EQ(config.local.redis.password.reveal(), "from file");
  EXPECT_EQ(config.local.mailbox_hook.secret.reveal(), "from environment");
  EXPECT_EQ(config.local.http.bearer_token.reveal(), "from environment");
}

TEST(LoadConfig, MissingFileIsAFault) {
  const auto config = load_config("/nonexistent/hongyan.toml");
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().at(0).where, "/nonexistent/hongyan.toml");
}

TEST(ConfigDocument, NamesEveryKey) {
  const std::string document = file_text("docs/CONFIG.md");
  for (const Setting& setting : list_settings(loaded(demo_config()), true))
    if (!setting.key.starts_with("provider.") && !setting.key.starts_with("other_providers."))
      EXPECT_THAT(document, testing::HasSubstr("`" + documented(setting.key) + "`"));
}

TEST(MaskUrl, PasswordIsNeverShown) {
  EXPECT_EQ(mask_url("redis://me:s3cret@h:6379/0"), "redis://me:***@h:6379/0");
  EXPECT_EQ(mask_url("redis://:s3c@re/t@h"), "redis://:***@h");
  EXPECT_EQ(mask_url("redis://me@h:6379"), "redis://me@h:6379");
  EXPECT_EQ(mask_url("unix:/run/redis.sock"), "unix:/run/redis.sock");
}

}  // namespace
}  // namespace hongyan::config
