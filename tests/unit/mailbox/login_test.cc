#include "mailbox/login/explain.h"
#include "mailbox/login/rules_file.h"
#include "mailbox/login/shown_reply.h"
#include "tests/unit/mailbox/built_in.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace hongyan::login {
namespace {

using mailbox::sentences;

const Explainer& rules() {
  static const auto made = [] {
    auto loaded = Explainer::built_in();
    if (!loaded) throw std::runtime_error(sentences(loaded.error()));
    return *loaded;
  }();
  return *made;
}

Verdict smtp(std::string_view provider, std::string_view code, std::string_view text,
             Stage stage = Stage::kLogin) {
  return rules().explain({provider, Protocol::kSmtp, stage, code, text});
}
Verdict imap(std::string_view provider, std::string_view code, std::string_view text,
             Stage stage = Stage::kLogin) {
  return rules().explain({provider, Protocol::kImap, stage, code, text});
}

TEST(LoginRules, NoneIsDeadOrShadowed) {
  EXPECT_EQ(sentences(rules().check_examples()), "");
}

TEST(LoginRules, ThereAreAsManyAsTheKnownErrors) {
  std::size_t count = rules().book().hints.size();
  for (const Family& family : rules().book().families) count += family.rules.size();
  EXPECT_GE(count, 157U);
}

TEST(LoginRules, FamiliesAndHintsNameProvidersOfTheCatalogue) {
  for (const Family& family : rules().book().families)
    for (const std::string& id : family.providers)
      EXPECT_NE(mailbox::built_in().by_id(id), nullptr) << family.name << ": " << id;
  for (const Hint& hint : rules().book().hints)
    for (const std::string& id : hint.providers)
      EXPECT_NE(mailbox::built_in().by_id(id), nullptr) << hint.name << ": " << id;
}

TEST(LoginRules, ARefusedSecretNeverGoesToOtherServers) {
  for (const Family& family : rules().book().families)
    for (const Rule& rule : family.rules)
      if (rule.says.refused) EXPECT_EQ(rule.says.backup, Backup::kNever) << rule.name;
  for (const std::string& provider : {"netease", "qq", "gmail", "sina", "aliyun_ent", "yahoo", ""})
    for (const char* code : {"535", "534", "526"}) {
      const Verdict verdict = smtp(provider, code, "authentication failed");
      EXPECT_TRUE(verdict.says.refused) << provider << code;
      EXPECT_EQ(verdict.says.backup, Backup::kNever) << provider << code;
    }
  EXPECT_TRUE(imap("", "NO", "no").says.refused);
}

TEST(LoginRules, WhatNobodyKnowsCountsAsARefusal) {
  const Verdict verdict = smtp("netease", "599", "weasel");
  EXPECT_EQ(verdict.rule, "");
  EXPECT_EQ(verdict.says.class_name, "unknown");
  EXPECT_TRUE(verdict.says.refused);
  EXPECT_EQ(verdict.says.backup, Backup::kNever);
}

TEST(LoginRules, OnlyALogInRefusesASecret) {
  for (const Stage stage : {Stage::kGreeting, Stage::kSelect, Stage::kMail, Stage::kData})
    for (const char* code : {"599", "554", "421", "NO"}) {
      EXPECT_FALSE(smtp("", code, "weasel", stage).says.refused) << stage_name(stage) << code;
      EXPECT_FALSE(imap("", code, "weasel", stage).says.refused) << stage_name(stage) << code;
    }
}

TEST(LoginRules, ARefusedTokenIsRefreshedWhateverTheWords) {
  Failure failure{"gmail", Protocol::kImap, Stage::kLogin, "NO",
                  "[AUTHENTICATIONFAILED] Invalid credentials (Failure)"};
  EXPECT_EQ(rules().explain(failure).says.class_name, "need-code");
  failure.token = true;
  EXPECT_EQ(rules().explain(failure).says.class_name, "token");
  EXPECT_EQ(rules().explain(failure).says.reaction, Reaction::kRefresh);
  EXPECT_EQ(rules()
                .explain({"gmail", Protocol::kOAuth, Stage::kToken, "400", "invalid_grant"})
                .says.class_name,
            "token");
}

TEST(LoginRules, NetEase535MeansTheAuthorizationCode) {
  const Verdict verdict = smtp("netease", "535", "Error: authentication failed");
  EXPECT_EQ(verdict.rule, "netease/authentication-failed");
  EXPECT_EQ(verdict.says.class_name, "need-code");
  EXPECT_EQ(verdict.says.who, Responsible::kUser);
  EXPECT_TRUE(verdict.says.waits.empty());
  EXPECT_EQ(verdict.says.reaction, Reaction::kNewSecret);
  EXPECT_NE(verdict.says.todo.en.find("POP3/SMTP/IMAP"), std::string::npos);
  EXPECT_NE(verdict.says.todo.zh.find("授权码"), std::string::npos);
}

TEST(LoginRules, IpDenyIsTheAdministratorsAndNotThePassword) {
  const Verdict verdict =
      smtp("netease_ent", "535", "Error: authentication failed, ERR.LOGIN.IPDENY");
  EXPECT_EQ(verdict.says.class_name, "ip-denied");
  EXPECT_EQ(verdict.says.who, Responsible::kAdministrator);
  EXPECT_FALSE(verdict.says.refused);
  EXPECT_EQ(verdict.says.backup, Backup::kNever);
  EXPECT_NE(verdict.says.todo.en.find("qiye.163.com/admin"), std::string::npos);
}

TEST(LoginRules, UnknownDomainAndUnreachableServersLeadToTheBackup) {
  EXPECT_EQ(smtp("netease_ent", "535", "ERR.LOGIN.DOMAINNOTEXIST").says.backup, Backup::kAtOnce);
  EXPECT_EQ(imap("netease_ent", "NO", "LOGIN ERR.LOGIN.DOMAINNOTEXIST").says.backup,
            Backup::kAtOnce);
  for (const char* cause : {"connect-refused", "connect-timeout", "unreachable"}) {
    const Verdict verdict = imap("netease_ent", cause, "", Stage::kConnect);
    EXPECT_EQ(verdict.says.class_name, "network") << cause;
    EXPECT_NE(verdict.says.backup, Backup::kNever) << cause;
    EXPECT_FALSE(verdict.says.refused) << cause;
  }
  EXPECT_EQ(imap("exmail", "connect-timeout", "", Stage::kConnect).says.backup, Backup::kAtOnce);
}

TEST(LoginRules, CoremailAtACompanyIsUnderstoodWithoutKnowingTheProvider) {
  EXPECT_EQ(smtp("", "535", "Error: authentication failed, ERR.LOGIN.PASSERR").rule,
            "coremail/passerr");
  EXPECT_EQ(imap("", "NO", "SELECT Unsafe Login", Stage::kSelect).says.class_name, "need-id");
}

TEST(LoginRules, OutlookIsOAuthOnly) {
  for (const Verdict& verdict :
       {smtp("outlook", "535",
             "5.7.139 Authentication unsuccessful, basic authentication is disabled."),
        imap("outlook", "NO", "LOGIN failed.")}) {
    EXPECT_EQ(verdict.says.class_name, "need-oauth");
    EXPECT_NE(verdict.says.todo.en.find("Sign in"), std::string::npos);
  }
}

TEST(LoginRules, CertificatesAndTimeOutsAreNoFaultOfTheSecret) {
  for (const auto& [code, text] :
       {std::pair("tls-unverified", "certificate has expired"),
        std::pair("tls-unverified", "self-signed certificate"),
        std::pair("tls-unverified", "hostname mismatch"),
        std::pair("tls-unverified", "something else"), std::pair("tls-handshake", "wrong version"),
        std::pair("timeout", "")}) {
    const Verdict verdict = imap("", code, text, Stage::kTls);
    EXPECT_EQ(verdict.says.class_name, "certificate") << code << text;
    EXPECT_FALSE(verdict.says.refused);
    EXPECT_EQ(verdict.says.strikes, 0);
  }
  EXPECT_EQ(imap("", "timeout", "", Stage::kLogin).says.class_name, "network");
  EXPECT_EQ(imap("", "nxdomain", "", Stage::kLookup).says.class_name, "wrong-host");
}

TEST(LoginRules, GbkIsRead) {
  // 请使用授权码登录 in GBK.
  const std::string gbk = "\xC7\xEB\xCA\xB9\xD3\xC3\xCA\xDA\xC8\xA8\xC2\xEB\xB5\xC7\xC2\xBC";
  EXPECT_EQ(smtp("", "535", gbk).rule, "servers/gbk-code");
}

TEST(LoginRules, HintsComeWithTheirProviderAndTheirHistory) {
  const auto has = [](const Verdict& verdict, std::string_view words) {
    return std::ranges::any_of(verdict.hints,
                               [&](const Bilingual& hint) { return hint.en.contains(words); });
  };
  EXPECT_TRUE(has(smtp("sohu", "535", "5.7.8 Error: authentication failed"), "whitelist"));
  EXPECT_FALSE(has(smtp("netease", "535", "Error: authentication failed"), "whitelist"));
  Failure failure{"netease", Protocol::kSmtp, Stage::kLogin, "535", "Error: authentication failed"};
  EXPECT_FALSE(has(rules().explain(failure), "It worked before"));
  failure.worked = true;
  EXPECT_TRUE(has(rules().explain(failure), "It worked before"));
}

TEST(LoginRules, EveryConclusionIsWholeInBothLanguages) {
  for (const Family& family : rules().book().families)
    for (const Rule& rule : family.rules)
      for (const Bilingual& text : {rule.says.cause, rule.says.todo}) {
        const std::string name = family.name + "/" + rule.name;
        EXPECT_TRUE(text.en.ends_with('.') || text.en.ends_with(')')) << name << ": " << text.en;
        EXPECT_TRUE(text.zh.ends_with("。")) << name << ": " << text.zh;
      }
}

constexpr std::string_view kSound = R"([class.unknown]
who = "user"
cause = { en = "c", zh = "c" }
todo = { en = "t", zh = "t" }
reaction = "stop"
[class.other]
who = "user"
cause = { en = "c", zh = "c" }
todo = { en = "t", zh = "t" }
reaction = "stop"
[class.bad]
who = "user"
cause = { en = "c", zh = "c" }
todo = { en = "t", zh = "t" }
refused = true
reaction = "new-secret"
[[family]]
name = "f"
providers = ["netease"]
[[family.rules]]
name = "one"
match = 'weasel'
class = "bad"
example = "535 weasel"
)";

std::string faults_of(const std::string& text) {
  auto book = read_rules(text, "f.toml");
  if (!book) return sentences(book.error());
  const auto made = Explainer::create(*std::move(book));
  return made ? sentences((*made)->check_examples()) : sentences(made.error());
}

TEST(LoginRulesFile, FaultsAreToldAllAtOnceWithTheirLines) {
  EXPECT_EQ(faults_of(std::string(kSound)), "");
  const std::string told = faults_of(std::string(kSound) + R"([[family.rules]]
name = "one"
class = "badd"
stage = ["lunch"]
exampel = "535 x"
[[family.rules]]
name = "two"
match = 'x'
class = "bad"
backup = "at-once"
example = "535 x"
[[family.rules]]
name = "three"
match = 'x'
class = "bad"
reaction = "wait"
wait = ["soon"]
example = "535 x"
)");
  for (const char* wanted :
       {"f.toml:25: `family[0].rules[1]` the name 'one' is taken", "fits every failure",
        "there is no class 'badd' (did you mean 'bad'?)", "is none of lookup, connect",
        "`family[0].rules[1].exampel` is unknown", "is missing",
        "f.toml:30: `family[0].rules[2]` would give a refused secret to other servers",
        "f.toml:36: `family[0].rules[3]` waits, but does not say how long"})
    EXPECT_NE(told.find(wanted), std::string::npos) << wanted << " in\n" << told;
}

TEST(LoginRulesFile, DeadShadowedAndUnusedAreTold) {
  const std::string told = faults_of(std::string(kSound) + R"([[family.rules]]
name = "two"
match = 'we'
class = "bad"
example = "535 weasel"
[[family.rules]]
name = "three"
match = 'otter'
class = "bad"
example = "535 zebra"
)");
  EXPECT_NE(told.find("f.toml:25: shadowed at netease: its example is answered by f/one"),
            std::string::npos)
      << told;
  EXPECT_NE(told.find("f.toml:30: dead"), std::string::npos) << told;
  const std::string unused =
      faults_of(std::string(kSound) +
                "[class.idle]\nwho = \"user\"\ncause = "
                "{ en = \"c\", zh = \"c\" }\ntodo = { en = \"t\", zh = \"t\" "
                "}\nreaction = \"stop\"\n");
  EXPECT_NE(unused.find("is used by no rule"), std::string::npos) << unused;
}

TEST(LoginRulesFile, BadPatternsAreTold) {
  std::string text(kSound);
  text.replace(text.find("'weasel'"), 8, "'(weasel'");
  EXPECT_NE(faults_of(text).find("f.toml:20: '(weasel' is no pattern"), std::string::npos)
      << faults_of(text);
}

TEST(ShownReply, HidesTheSecretAndWhatLooksLikeAnExchange) {
  EXPECT_EQ(shown_reply("535 bad password hunter2x for li", "hunter2x"),
            "535 bad password [...] for li");
  EXPECT_EQ(shown_reply("500 unknown: AUTH PLAIN AGxpQHguY24gaHVudGVyMnk=", "hunter2x"),
            "500 unknown: AUTH PLAIN [...]");
  EXPECT_EQ(shown_reply("334 aHVudGVyMng=", "hunter2x"), "334 [...]");
  EXPECT_EQ(shown_reply("554 5.2.0 SubmissionQuotaExceededException", "x"),
            "554 5.2.0 SubmissionQuotaExceededException");
  EXPECT_EQ(shown_reply("\xB5\xC7\xC2\xBC\r\n x", ""), "登录 x");
  EXPECT_EQ(shown_reply("", ""), "");
  const std::string late = std::string(1016, '.') + "abcdefghijklmnop";
  EXPECT_EQ(shown_reply(late, "abcdefghijklmnop").find("abc"), std::string::npos);
}

}  // namespace
}  // namespace hongyan::login
