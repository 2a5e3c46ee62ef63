#include "mailbox/catalogue/catalogue.h"

#include "tests/unit/mailbox/built_in.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace hongyan::mailbox {
namespace {

TEST(Catalogue, TheBuiltInOneIsSound) {
  const auto loaded = Catalogue::built_in();
  ASSERT_TRUE(loaded) << sentences(loaded.error());
  EXPECT_GE(loaded->providers().size(), 60U);
}

TEST(Catalogue, KnowsTheSixteenPersonalProvidersByTheirDomains) {
  const std::pair<const char*, const char*> kOnes[] = {{"gmail.com", "app-password"},
                                                       {"hotmail.com", "oauth2"},
                                                       {"yahoo.com", "app-password"},
                                                       {"icloud.com", "app-password"},
                                                       {"aol.com", "app-password"},
                                                       {"yandex.com", "app-password"},
                                                       {"mail.ru", "app-password"},
                                                       {"foxmail.com", "auth-code"},
                                                       {"126.com", "auth-code"},
                                                       {"2008.sina.com", "auth-code"},
                                                       {"vip.sohu.com", "independent-password"},
                                                       {"aliyun.com", "login-password"},
                                                       {"139.com", "client-password"},
                                                       {"189.cn", "login-password"},
                                                       {"21cn.com", "login-password"},
                                                       {"email.cn", "dedicated-password"}};
  for (const auto& [domain, secret] : kOnes) {
    const Provider* provider = built_in().by_domain(domain);
    ASSERT_NE(provider, nullptr) << domain;
    EXPECT_EQ(provider->kind, Kind::kPersonal) << domain;
    EXPECT_EQ(secret_kind_name(built_in().setup_of(*provider).secret.kind), secret) << domain;
    EXPECT_FALSE(provider->servers.empty()) << domain;
  }
}

TEST(Catalogue, DomainsFitWholeAndInAnyCase) {
  EXPECT_EQ(built_in().by_domain("GMail.com.")->id, "gmail");
  EXPECT_EQ(built_in().by_domain("notgmail.com"), nullptr);
  EXPECT_EQ(built_in().by_domain("mail.gmail.com"), nullptr);
  EXPECT_EQ(built_in().by_domain("acme.onmicrosoft.com")->id, "m365");
  EXPECT_EQ(built_in().by_domain("onmicrosoft.com"), nullptr);
  EXPECT_EQ(built_in().by_domain(""), nullptr);
}

TEST(Catalogue, TheLongestMxSuffixWins) {
  EXPECT_EQ(built_in().by_mx("hzmx01.mxmail.netease.com")->id, "netease_ent");
  EXPECT_EQ(built_in().by_mx("163mx00.mxmail.netease.com.")->id, "netease");
  EXPECT_EQ(built_in().by_mx("mxbiz1.qq.com")->id, "exmail");
  EXPECT_EQ(built_in().by_mx("mx3.qq.com")->id, "qq");
  EXPECT_EQ(built_in().by_mx("aspmx.l.google.com")->id, "gworkspace");
  EXPECT_EQ(built_in().by_mx("acme-com.mail.protection.outlook.com")->id, "m365");
  EXPECT_EQ(built_in().by_mx("evilgoogle.com"), nullptr);
  EXPECT_EQ(built_in().by_mx(""), nullptr);
}

TEST(Catalogue, NetEaseEnterpriseIsTriedAtItsRecommendedServersFirst) {
  const Provider& provider = *built_in().by_id("netease_ent");
  ASSERT_EQ(provider.servers.size(), 2U);
  EXPECT_EQ(provider.servers[0].imap->text(), "hwhzimap.qiye.163.com:993 implicit");
  EXPECT_EQ(provider.servers[0].smtp.text(), "hwhzsmtp.qiye.163.com:465 implicit");
  EXPECT_EQ(provider.servers[1].imap->text(), "imap.qiye.163.com:993 implicit");
  EXPECT_EQ(provider.servers[1].smtp.text(), "smtp.qiye.163.com:465 implicit");
  EXPECT_TRUE(provider.needs_imap_id);
  EXPECT_TRUE(built_in().setup_of(provider).secret.expires);
}

TEST(Catalogue, AllOfNetEaseWantsTheImapId) {
  for (const Provider& provider : built_in().providers())
    if (provider.id.starts_with("netease")) EXPECT_TRUE(provider.needs_imap_id) << provider.id;
  EXPECT_FALSE(built_in().by_id("feishu")->needs_imap_id);
}

TEST(Catalogue, EveryProviderHasAdviceForForeignTrade) {
  for (const Provider& provider : built_in().providers()) {
    EXPECT_FALSE(built_in().advice_of(provider).empty()) << provider.id;
    if (provider.kind == Kind::kEnterprise)
      EXPECT_EQ(std::ranges::count(provider.advice, "own-domain"), 1) << provider.id;
    else
      EXPECT_EQ(std::ranges::count(provider.advice, "replies"), 1) << provider.id;
  }
}

TEST(Catalogue, IsFoundByWhatPeopleCallIt) {
  const auto ids = [](std::string_view words) {
    std::set<std::string> found;
    for (const Provider* one : built_in().called(words)) found.insert(one->id);
    return found;
  };
  EXPECT_EQ(ids("QQ"), std::set<std::string>{"qq"});
  EXPECT_EQ(ids("li@126.com"), std::set<std::string>{"netease_126"});
  EXPECT_EQ(ids("sohu.com"), std::set<std::string>{"sohu"});
  EXPECT_EQ(ids("企业邮箱").contains("netease_ent"), true);
  EXPECT_EQ(ids("google"), (std::set<std::string>{"gworkspace"}));
  EXPECT_EQ(ids("li@acme.example"), std::set<std::string>{});
  EXPECT_EQ(ids("  "), std::set<std::string>{});
}

constexpr std::string_view kSound = R"([advice]
a = { en = "a", zh = "甲" }
[setup.s]
secret = { kind = "auth-code", called = { en = "code", zh = "码" } }
make = { en = "m", zh = "做" }
[[provider]]
id = "one"
name = { en = "One", zh = "一" }
kind = "personal"
domains = ["one.example"]
mx = ["mx.one.example"]
servers = [{ imap = "imap.one.example:993 implicit", smtp = "smtp.one.example:465 implicit" }]
setup = "s"
advice = ["a"]
sources = ["test"]
)";

std::string faults_of(const std::string& text) {
  const auto loaded = Catalogue::load(text, "f.toml");
  return loaded ? "" : sentences(loaded.error());
}

TEST(CatalogueFile, AllFaultsAreToldWithTheirLines) {
  const std::string text = std::string(kSound) + R"([[provider]]
id = "one"
name = { en = "Two" }
kind = "company"
domains = ["one.example", "Two.example"]
mx = ["mx.one.example"]
servers = [{ imap = "imap.two.example:99300 implicit", smtp = "smtp.two.example:25 plain" }]
setup = "t"
oauth = "no"
advice = ["b"]
daily = { messages = 0, of = "account" }
)";
  const std::string told = faults_of(text);
  for (const char* wanted :
       {"f.toml:17: `provider[1].id` the id 'one' belongs to one already",
        "f.toml:18: `provider[1].name.zh` is missing", "f.toml:19",
        "is none of personal, enterprise", "the domain 'one.example' belongs to one already",
        "must be in lower case", "the MX suffix 'mx.one.example' belongs to one already",
        "f.toml:22: `provider[1].servers[0].imap` is no server",
        "f.toml:22: `provider[1].servers[0].smtp` is no server", "names no set-up",
        "`provider[1].oauth` is unknown", "'b' is no advice", "from 1 to 1000000",
        "`provider[1].sources` is missing"})
    EXPECT_NE(told.find(wanted), std::string::npos) << wanted << " in\n" << told;
}

TEST(CatalogueFile, PartsMustFitEachOther) {
  const auto changed = [](std::string_view from, std::string_view to) {
    std::string text(kSound);
    text.replace(text.find(from), from.size(), to);
    return faults_of(text);
  };
  EXPECT_EQ(faults_of(std::string(kSound)), "");
  EXPECT_NE(changed("domains = [\"one.example\"]\n", "").find("has no domain"), std::string::npos);
  EXPECT_NE(changed("kind = \"auth-code\"", "kind = \"oauth2\"").find("contradict"),
            std::string::npos);
  EXPECT_NE(changed("servers = [{ imap = \"imap.one.example:993 implicit\", smtp = "
                    "\"smtp.one.example:465 implicit\" }]\n",
                    "")
                .find("a note must say why"),
            std::string::npos);
  EXPECT_NE(changed("kind = \"auth-code\"", "kind = \"auth-code\", length = [16]")
                .find("least and the most"),
            std::string::npos);
  EXPECT_NE(
      faults_of(std::string(kSound) + "[setup.t]\nsecret = { kind = \"auth-code\", called = { "
                                      "en = \"c\", zh = \"c\" } }\nmake = { en = \"m\", zh = "
                                      "\"m\" }\n")
          .find("is used by nobody"),
      std::string::npos);
  EXPECT_NE(faults_of("[[provider]").find("is no TOML"), std::string::npos);
}

TEST(Server, IsReadFromItsText) {
  const auto server = parse_server("SMTP.office365.com:587 starttls");
  ASSERT_TRUE(server);
  EXPECT_EQ(server->text(), "smtp.office365.com:587 starttls");
  for (const char* bad :
       {"", "host", "host:993", ":993 implicit", "host:0 implicit", "host:65536 implicit",
        "host:99x implicit", "host:993 plain", "host 993:implicit", "host:993 implicit "})
    EXPECT_FALSE(parse_server(bad)) << bad;
}

}  // namespace
}  // namespace hongyan::mailbox
