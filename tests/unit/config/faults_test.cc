#include "engine/config/config.h"

#include <gmock/gmock.h>

namespace hongyan::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::vector<std::string> sentences(std::string_view text) {
  const auto config =
      load_config_text(text, "f.toml", {.host_name = "host-a", .cores = 2, .folder = {}});
  std::vector<std::string> out;
  if (!config)
    for (const Fault& fault : config.error()) out.push_back(fault.sentence());
  return out;
}

struct Case {
  const char* text;
  const char* sentence;
};

class ConfigFault : public testing::TestWithParam<Case> {};

TEST_P(ConfigFault, NamesLineAndWhatWouldBeRight) {
  EXPECT_THAT(sentences(GetParam().text), testing::Contains(HasSubstr(GetParam().sentence)));
}

const Case kCases[] = {
    {"[engin]\nid = \"a\"\n", "f.toml:1: `engin` is unknown (did you mean `engine`?)"},
    {"[engine]\n\nworkerz = 2\n",
     "f.toml:3: `engine.workerz` is unknown (did you mean `workers`?)"},
    {"[engine]\nworkers = \"two\"\n", "f.toml:2: `engine.workers` is a string; a whole number"},
    {"[engine]\nworkers = 9000\n", "f.toml:2: `engine.workers` is 9000; a number from 0 to 256"},
    {"[engine]\nid = \"a b\"\n", "f.toml:2: `engine.id` 'a b' is no name"},
    {"[engine]\nid = \"env:HONGYAN_TEST_UNSET\"\n",
     "f.toml:2: `engine.id` names HONGYAN_TEST_UNSET, which is not set"},
    {"[engine]\nid = \"env:\"\n", "f.toml:2: `engine.id` is empty"},
    {"[engine]\nid = \"env:PATH\"\n", "f.toml:2: `engine.id` is what PATH holds, and '/"},
    {"[engine]\nid = \"-\"\n", "f.toml:2: `engine.id` '-' is no name"},
    {"[engine]\nid = \"a\\u3000b\"\n", "f.toml:2: `engine.id` 'a　b' is no name"},
    {"[source.s]\nehlo = \"e\"\nengines = [\"-\"]\n",
     "f.toml:3: `source.s.engines` '-' is no name"},
    {"engine = 3\n", "f.toml:1: `engine` is a whole number; a table is needed"},
    {"[engine]\ndrain_timeout = \"30\"\n",
     "f.toml:2: `engine.drain_timeout` '30' is no length of time"},
    {"[engine]\ndrain_timeout = \"2h\"\n", "is 2h; a length of time from 1ms to 1h is needed"},
    {"[engine]\nsources = [\"a\"]\n",
     "f.toml:2: `engine.sources` names `a`, which is no [source.NAME]"},
    {"[[channel.c.dkim]]\ndomain = \"a.cn\"\nselector = \"s_1\"\nkey = \"k\"\n",
     "f.toml:3: `channel.c.dkim[0].selector` 's_1' is no selector"},
    {"[[channel.c.dkim]]\ndomain = \"a.cn\"\nselector = \"s\"\n",
     "f.toml:1: `channel.c.dkim[0].key` is missing"},
    {"[[channel.c.dkim]]\ndomain = \"cn\"\nselector = \"s\"\nkey = \"k\"\n",
     "f.toml:2: `channel.c.dkim[0].domain` is no domain that can sign"},
    {"[[channel.c.dkim]]\ndomain = \"a.cn\"\nselector = \"s\"\nkey = \"k\"\n"
     "[[channel.c.dkim]]\ndomain = \"A.cn\"\nselector = \"S\"\nkey = \"l\"\n",
     "f.toml:7: `channel.c.dkim[1].selector` names the same key as dkim[0]"},
    {"[source.a]\nehlo = \"a.cn\"\nwarmup_start = \"tomorrow\"\n",
     "f.toml:3: `source.a.warmup_start` 'tomorrow' is no date of the form 2026-11-20"},
    {"[source.a]\nehlo = \"a.cn\"\nwarmup_start = \"2026-11-20\"\n"
     "relay = {host = \"r.cn\"}\n",
     "f.toml:3: `source.a.warmup_start` is of a source that sends through a relay"},
    {"[other_providers]\nwarmup = [50, 0]\n",
     "f.toml:2: `other_providers.warmup` has 0; numbers from 1 to 1000000000 are possible"},
    {"[other_providers]\nwarmup = [50, \"x\"]\n",
     "f.toml:2: `other_providers.warmup` is a string; a whole number is needed"},
    {"[redis]\nurl = \"http://x\"\n", "f.toml:2: `redis.url` is no Redis URL"},
    {"[redis]\npassword = \"hunter2\"\n",
     "f.toml:2: `redis.password` must not hold the secret itself"},
    {"[redis]\npassword = \"env:HONGYAN_NOT_SET\"\n", "names HONGYAN_NOT_SET, which is not set"},
    {"[redis]\npassword_file = \"/nonexistent\"\n",
     "f.toml:2: `redis.password_file` names /nonexistent"},
    {"[dns]\nservers = [\"1.2.3\"]\n", "f.toml:2: `dns.servers` '1.2.3' is no DNS server"},
    {"[smtp]\nport = 0\n", "`smtp.port` is 0; a number from 1 to 65535"},
    {"[smtp]\nallow_networks = [\n \"10.0.0.0/8\",\n 7]\n",
     "f.toml:4: `smtp.allow_networks[1]` is a whole"},
    {"[smtp]\nallow_networks = [\"10.0.0.0/33\"]\n", "'10.0.0.0/33' is no network"},
    {"[http]\nlisten = \"localhost:80\"\n", "'localhost:80' is no address with a port"},
    {"[log]\nlevel = \"loud\"\n", "`log.level` is `loud`; debug, info, warning or error"},
    {"[billing]\ntimezone = \"Asia/Beijing\"\n", "'Asia/Beijing' is no time zone"},
    {"[source.a]\n", "f.toml:1: `source.a.ehlo` is missing"},
    {"[source.a]\nehlo=\"e\"\naddress = \"x\"\n",
     "f.toml:3: `source.a.address` 'x' is no IP address"},
    {"[source.a]\nehlo=\"e\"\nproxy = \"10.0.0.5:2526\"\n",
     "f.toml:3: `source.a.proxy` has to be told the address that it connects from"},
    {"[source.a]\nehlo=\"e\"\naddress=\"192.0.2.1\"\nproxy = \"10.0.0.5:0\"\n",
     "f.toml:4: `source.a.proxy` is `10.0.0.5:0`, and nobody listens on port 0"},
    {"[source.a]\nehlo=\"e\"\naddress=\"192.0.2.1\"\nproxy = \"proxy.example:2526\"\n",
     "f.toml:4: `source.a.proxy`"},
    {"[source.a]\nehlo=\"e\"\n[source.a.relay]\nport=1\n",
     "f.toml:3: `source.a.relay.host` is missing"},
    {"[source.a]\nehlo=\"e\"\nrelay = {host=\"h\", username=\"u\"}\n",
     "has a `username` but no `password_file`"},
    {"[source.a]\nehlo=\"e\"\nrelay = {host=\"h\", tls=\"opportunistic\", implicit_tls=true}\n",
     "has `implicit_tls`, which needs `tls` = \"required\" or \"verified\""},
    {"[source.a]\nehlo=\"e\"\nrelay = {host=\"h\", tls=\"off\", port=465}\n",
     "has port 465, where TLS begins with the first byte"},
    {"[channel.q]\nprice = 0.007\n",
     "f.toml:2: `channel.q.price` is a number with a fraction; a string"},
    {"[channel.q]\nprice = \"-1\"\n", "`channel.q.price` is -1; from 0 to 1000 yuan"},
    {"[channel.q]\nsources = [\"b\"]\n[source.a]\nehlo=\"e\"\n",
     "f.toml:2: `channel.q.sources` names `b`, which is no [source.NAME] (did you mean `a`?)"},
    {"[channel.q]\nsources = []\n", "f.toml:2: `channel.q.sources` is empty"},
    {"[channel.q]\nenvelope_sender = \"bounce\"\n", "'bounce' is no address"},
    {"[channel.q]\nretry = []\n", "`channel.q.retry` is empty"},
    {"[channel.q]\nretry = [\"5m\", \"x\"]\n", "'x' is no length of time"},
    {"[channel.q]\nretry_jitter = 2\n", "`channel.q.retry_jitter` is out of range"},
    {"[channel.q]\nrates = [\"10/fortnight\"]\n",
     "f.toml:2: `channel.q.rates` \"10/fortnight\" is no rate"},
    {"[tenant.t]\nfrom_domains = []\n", "f.toml:2: `tenant.t.from_domains` is empty"},
    {"[provider.Big]\nmx=[\"a.b\"]\n", "f.toml:1: `provider.Big` 'Big' is no provider name"},
    {"[provider.p]\ntitle=\"P\"\n", "f.toml:1: `provider.p` has no `mx`"},
    {"[provider.p]\nmx=[\".x.example\"]\n[provider.r]\nmx=[\".X.example\"]\n",
     "f.toml:4: `provider.r.mx` has .x.example, which `p` has already"},
    {"[tls_rpt]\norganization=\"A\"\ncontact=\"a@b.cn\"\ntenant=\"t\"\n",
     "f.toml:1: `tls_rpt.channel` is missing"},
    {"[tls_rpt]\ntenant=\"acne\"\n[tenant.acme]\nfrom_domains=[\"acme.cn\"]\n",
     "f.toml:2: `tls_rpt.tenant` is `acne`, which is no [tenant.NAME] (did you mean `acme`?)"},
    {"[tls_rpt]\ncontact=\"tls@elsewhere.cn\"\ntenant=\"a\"\n[tenant.a]\nfrom_domains=[\"a.cn\"]\n",
     "f.toml:2: `tls_rpt.contact` is in `elsewhere.cn`, which is none of tenant `a`'s"},
    {"[tls_rpt]\nchannel=\"c\"\ncontact=\"tls@a.cn\"\n[channel.c]\nprice=\"0\"\n"
     "[[channel.c.dkim]]\ndomain=\"b.cn\"\nselector=\"s\"\nkey=\"k\"\n",
     "f.toml:2: `tls_rpt.channel` is `c`, which has no DKIM key of `a.cn`"},
    {"[mailbox.notify]\nfrom=\"a@b.cn\"\ntenant=\"t\"\n",
     "f.toml:1: `mailbox.notify.channel` is missing"},
    {"[mailbox.notify]\nchannel=\"qality\"\n[channel.quality]\nprice=\"0\"\n",
     "f.toml:2: `mailbox.notify.channel` is `qality`, which is no [channel.NAME] (did you mean "
     "`quality`?)"},
    {"[mailbox.notify]\nfrom=\"a@elsewhere.cn\"\ntenant=\"a\"\n[tenant.a]\nfrom_domains=[\"a.cn\"]"
     "\n",
     "f.toml:2: `mailbox.notify.from` is in `elsewhere.cn`, which is none of tenant `a`'s"},
    {"[mailbox.notify]\nevery=\"1s\"\n", "f.toml:2: `mailbox.notify.every`"},
    {"[oauth2.gogle]\nclient_id=\"x\"\n",
     "f.toml:1: `oauth2.gogle` has no `token_url` (did you mean `google`?)"},
    {"[oauth2.google]\ntoken_url=\"http://x.example/token\"\n",
     "f.toml:2: `oauth2.google.token_url`"},
    {"[[route]]\ndomain=\"a.b\"\nhost=\"h\"\nprovider=\"nobody-here\"\n",
     "f.toml:4: `route[0].provider` is `nobody-here`, which is no provider"},
    {"[[route]]\ndomain=\"a.b\"\nhost=\"h\"\n[[route]]\ndomain=\"A.B\"\nhost=\"i\"\n",
     "f.toml:5: `route[1].domain` is routed already by route[0]"},
    {"[retention]\njobs = \"500d\"\n", "`retention.ledger` is shorter than `retention.jobs`"},
    {"[engine]\nid = 2026-01-01\n", "`engine.id` is a date"},
    {"[engine\n", "f.toml:1: is no TOML"},
};
INSTANTIATE_TEST_SUITE_P(Table, ConfigFault, testing::ValuesIn(kCases));

TEST(ConfigFaults, AllAreReportedAtOnce) {
  EXPECT_THAT(sentences("[engine]\nid = 1\nfoo = 2\n[smtp]\nport = \"x\"\n"),
              ElementsAre(HasSubstr("f.toml:2:"), HasSubstr("f.toml:3:"), HasSubstr("f.toml:5:")));
}

TEST(ConfigFaults, HostNameThatIsNoNameNeedsAnId) {
  for (const char* host : {"", "-", "a b", "h(1)"}) {
    const auto config = load_config_text("[smtp]\nport = 25\n", "f.toml",
                                         {.host_name = host, .cores = 1, .folder = {}});
    ASSERT_FALSE(config) << host;
    ASSERT_EQ(config.error().size(), 1U);
    EXPECT_THAT(config.error()[0].sentence(), HasSubstr("`engine.id` is the host's name, and"));
    EXPECT_TRUE(load_config_text("[engine]\nid = \"a\"\n", "f.toml",
                                 {.host_name = host, .cores = 1, .folder = {}}));
  }
}

TEST(ConfigFaults, SecretIsNotRepeated) {
  const auto found = sentences("[redis]\npassword = \"hunter2\"\nurl = \"rediz://u:hunter2@h\"\n");
  ASSERT_EQ(found.size(), 2U);
  for (const std::string& sentence : found) EXPECT_THAT(sentence, Not(HasSubstr("hunter2")));
}

}  // namespace
}  // namespace hongyan::config
