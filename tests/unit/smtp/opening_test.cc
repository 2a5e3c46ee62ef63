#include "engine/smtp/opening.h"

#include "base/base64.h"

#include <gtest/gtest.h>

#include <vector>

namespace hongyan::smtp {
namespace {

using Action = Opening::Action;

// Plays "S: text" (bytes received), "C: command" (must be the output), "TLS" (handshake done).
Action play(Opening& opening, const std::vector<std::string>& script) {
  Action action = Action::kRead;
  for (const std::string& line : script) {
    if (line == "TLS") {
      EXPECT_EQ(action, Action::kStartTls);
      action = opening.on_tls();
    } else if (line.starts_with("C: ")) {
      EXPECT_EQ(action, Action::kWrite) << line;
      EXPECT_EQ(opening.output(), line.substr(3) + "\r\n");
      action = Action::kRead;
    } else {
      EXPECT_EQ(action, Action::kRead) << line;
      action = opening.on_bytes(line.substr(3));
    }
  }
  return action;
}

SessionOptions options(TlsMode tls) {
  SessionOptions made;
  made.ehlo_name = "me";
  made.tls = tls;
  return made;
}

TEST(Opening, GreetingAndEhloMakeItReady) {
  const SessionOptions o = options(TlsMode::kOff);
  Opening opening(o);
  EXPECT_EQ(play(opening, {"S: 220-a\r\n", "S: 220 b\r\n", "C: EHLO me",
                           "S: 250-x\r\n250-STARTTLS\r\n250 PIPELINING\r\n"}),
            Action::kReady);
  EXPECT_TRUE(opening.capabilities().pipelining);
}

TEST(Opening, EhloRefusedFallsBackToHelo) {
  const SessionOptions o = options(TlsMode::kOpportunistic);
  Opening opening(o);
  EXPECT_EQ(play(opening,
                 {"S: 220 a\r\n", "C: EHLO me", "S: 502 what?\r\n", "C: HELO me", "S: 250 x\r\n"}),
            Action::kReady);
  EXPECT_EQ(opening.capabilities(), Capabilities{});
}

TEST(Opening, ImplicitTlsShakesHandsBeforeTheGreetingAndNeverAsksAgain) {
  SessionOptions o = options(TlsMode::kVerified);
  o.implicit_tls = true;
  o.auth = Credentials{"u", "p"};
  Opening opening(o);
  ASSERT_EQ(opening.start(), Action::kStartTls);
  EXPECT_EQ(opening.stage(), Stage::kStartTls);
  ASSERT_EQ(opening.on_tls(), Action::kRead);
  EXPECT_EQ(
      play(opening, {"S: 220 a\r\n", "C: EHLO me", "S: 250-x\r\n250-STARTTLS\r\n250 AUTH PLAIN\r\n",
                     "C: AUTH PLAIN AHUAcA==", "S: 235 in\r\n"}),
      Action::kReady);
}

TEST(Opening, WhatWasSaidBeforeTlsIsForgotten) {
  const SessionOptions o = options(TlsMode::kRequired);
  Opening opening(o);
  EXPECT_EQ(play(opening, {"S: 220 a\r\n", "C: EHLO me",
                           "S: 250-x\r\n250-CHUNKING\r\n250 STARTTLS\r\n", "C: STARTTLS",
                           "S: 220 go\r\n", "TLS", "C: EHLO me", "S: 250-x\r\n250 PIPELINING\r\n"}),
            Action::kReady);
  EXPECT_FALSE(opening.capabilities().chunking);
  EXPECT_TRUE(opening.capabilities().pipelining);
}

TEST(Opening, BytesBehindTheAnswerToStartTlsAreAnAttack) {
  for (const char* answer :
       {"S: 220 go\r\n250 evil\r\n", "S: 220 go\r\n2", "S: 220 go\r\n\x16\x03"}) {
    for (const TlsMode mode : {TlsMode::kOpportunistic, TlsMode::kVerified}) {
      const SessionOptions o = options(mode);
      Opening opening(o);
      EXPECT_EQ(play(opening, {"S: 220 a\r\n", "C: EHLO me", "S: 250-x\r\n250 STARTTLS\r\n",
                               "C: STARTTLS", answer}),
                Action::kFailed);
      EXPECT_EQ(opening.failure().cause, "starttls-injection");
      EXPECT_EQ(opening.failure().stage, Stage::kStartTls);
    }
  }
}

TEST(Opening, TlsThatIsNotToBeHadFailsUnlessOpportunistic) {
  struct Row {
    TlsMode mode;
    std::vector<std::string> rest;
    const char* cause;  // empty: ready
  };
  const std::string plain = "S: 250 x\r\n";
  const std::string offered = "S: 250-x\r\n250 STARTTLS\r\n";
  for (const Row& row : std::vector<Row>{
           {TlsMode::kOpportunistic, {plain}, ""},
           {TlsMode::kOpportunistic, {offered, "C: STARTTLS", "S: 454 no\r\n"}, ""},
           {TlsMode::kRequired, {plain}, "tls-not-offered"},
           {TlsMode::kVerified, {plain}, "tls-not-offered"},
           {TlsMode::kRequired, {offered, "C: STARTTLS", "S: 454 no\r\n"}, "tls-refused"},
           {TlsMode::kOpportunistic, {offered, "C: STARTTLS", "S: 421 bye\r\n"}, "refused"}}) {
    const SessionOptions o = options(row.mode);
    Opening opening(o);
    std::vector<std::string> script{"S: 220 a\r\n", "C: EHLO me"};
    script.insert(script.end(), row.rest.begin(), row.rest.end());
    const bool ready = std::string_view(row.cause).empty();
    EXPECT_EQ(play(opening, script), ready ? Action::kReady : Action::kFailed);
    EXPECT_EQ(opening.failure().cause, row.cause);
  }
}

TEST(Opening, RefusalsKeepStageAndReply) {
  struct Row {
    std::vector<std::string> script;
    Stage stage;
    const char* cause;
    int code;
  };
  for (const Row& row : std::vector<Row>{
           {{"S: 554 5.7.1 go away\r\n"}, Stage::kGreeting, "refused", 554},
           {{"S: 421 busy\r\n"}, Stage::kGreeting, "refused", 421},
           {{"S: 220 hi\r\n421 too many\r\n"}, Stage::kGreeting, "refused", 421},
           {{"S: 220 hi\r\n250 early\r\n"}, Stage::kGreeting, "unexpected-reply", 0},
           {{"S: HTTP/1.1 400\r\n"}, Stage::kGreeting, "malformed-reply", 0},
           {{"S: 220 hi\r\n", "C: EHLO me", "S: 450 later\r\n"}, Stage::kEhlo, "refused", 450},
           {{"S: 220 hi\r\n", "C: EHLO me", "S: 502 no\r\n", "C: HELO me", "S: 502 no\r\n"},
            Stage::kEhlo,
            "refused",
            502}}) {
    const SessionOptions o = options(TlsMode::kOff);
    Opening opening(o);
    EXPECT_EQ(play(opening, row.script), Action::kFailed);
    EXPECT_EQ(opening.failure().stage, row.stage);
    EXPECT_EQ(opening.failure().cause, row.cause);
    EXPECT_EQ(opening.failure().reply.code, row.code);
  }
}

TEST(Opening, PasswordsGoOnlyOverTls) {
  SessionOptions o = options(TlsMode::kOpportunistic);
  o.auth = Credentials{"li", "secret"};
  Opening opening(o);
  EXPECT_EQ(play(opening, {"S: 220 a\r\n", "C: EHLO me", "S: 250-x\r\n250 AUTH PLAIN\r\n"}),
            Action::kFailed);
  EXPECT_EQ(opening.failure().cause, "auth-needs-tls");
}

class Masked final : public Trace {
 public:
  void sent(std::string_view line) override { all += line; }
  void received(std::string_view line) override { all += line; }
  void note(std::string_view) override {}
  std::string all;
};

TEST(Opening, AuthPlainAndLoginWithTheSecretMaskedInTheTrace) {
  const std::vector<std::string> begin{
      "S: 220 a\r\n", "C: EHLO me", "S: 250-x\r\n250 STARTTLS\r\n", "C: STARTTLS", "S: 220 go\r\n",
      "TLS",          "C: EHLO me"};
  const std::vector<std::vector<std::string>> ways{
      {"S: 250-x\r\n250 AUTH LOGIN PLAIN\r\n", "C: AUTH PLAIN AGxpAHNlY3JldA==", "S: 235 ok\r\n"},
      {"S: 250-x\r\n250 AUTH LOGIN\r\n", "C: AUTH LOGIN", "S: 334 VXNlcm5hbWU6\r\n",
       "C: bGk=", "S: 334 UGFzc3dvcmQ6\r\n", "C: c2VjcmV0", "S: 235 ok\r\n"}};
  for (const auto& way : ways) {
    SessionOptions o = options(TlsMode::kRequired);
    o.auth = Credentials{"li", "secret"};
    Masked trace;
    o.trace = &trace;
    Opening opening(o);
    std::vector<std::string> script = begin;
    script.insert(script.end(), way.begin(), way.end());
    EXPECT_EQ(play(opening, script), Action::kReady);
    EXPECT_FALSE(trace.all.contains("c2VjcmV0"));
    EXPECT_FALSE(trace.all.contains("AGxpAHNlY3JldA"));
    EXPECT_TRUE(trace.all.contains("AUTH"));
  }
}

const std::vector<std::string> kUntilAuth{
    "S: 220 a\r\n", "C: EHLO me", "S: 250-x\r\n250 STARTTLS\r\n", "C: STARTTLS", "S: 220 go\r\n",
    "TLS",          "C: EHLO me"};

Action play_auth(Opening& opening, const std::vector<std::string>& rest) {
  std::vector<std::string> script = kUntilAuth;
  script.insert(script.end(), rest.begin(), rest.end());
  return play(opening, script);
}

Credentials token(std::string text) {
  return {"li@x.example", std::move(text), true, "smtp.x.example", 587};
}

TEST(Opening, ATokenGoesByOauthbearerBeforeXoauth2AndIsMaskedInTheTrace) {
  const std::string bearer =
      encode_base64("n,a=li@x.example,\1host=smtp.x.example\1port=587\1auth=Bearer ya29.token\1\1");
  const std::string xoauth2 = encode_base64("user=li@x.example\1auth=Bearer ya29.token\1\1");
  const std::vector<std::vector<std::string>> ways{
      {"S: 250-x\r\n250 AUTH PLAIN XOAUTH2 OAUTHBEARER\r\n", "C: AUTH OAUTHBEARER " + bearer,
       "S: 235 ok\r\n"},
      {"S: 250-x\r\n250 AUTH LOGIN PLAIN XOAUTH2\r\n", "C: AUTH XOAUTH2 " + xoauth2,
       "S: 235 ok\r\n"}};
  for (const auto& way : ways) {
    SessionOptions o = options(TlsMode::kRequired);
    o.auth = token("ya29.token");
    Masked trace;
    o.trace = &trace;
    Opening opening(o);
    EXPECT_EQ(play_auth(opening, way), Action::kReady);
    for (const std::string& hidden : {bearer, xoauth2, std::string("ya29.token")})
      EXPECT_FALSE(trace.all.contains(hidden));
    EXPECT_TRUE(trace.all.contains("(masked)"));
  }
}

TEST(Opening, AMessageTooLongForTheCommandGoesInALineOfItsOwn) {
  const std::string text(2000, 't');
  SessionOptions o = options(TlsMode::kRequired);
  o.auth = token(text);
  Masked trace;
  o.trace = &trace;
  Opening opening(o);
  EXPECT_EQ(
      play_auth(opening, {"S: 250-x\r\n250 AUTH XOAUTH2\r\n", "C: AUTH XOAUTH2", "S: 334 \r\n",
                          "C: " + encode_base64("user=li@x.example\1auth=Bearer " + text + "\1\1"),
                          "S: 235 ok\r\n"}),
      Action::kReady);
  EXPECT_FALSE(trace.all.contains(encode_base64(text).substr(0, 40)));
}

TEST(Opening, ARefusedTokenIsToldWithTheServersReasonAndHeard) {
  struct Row {
    std::string mechanism, heard, why, shown;
  };
  const std::string json = R"({"status":"invalid_token","scope":"mail"})";
  for (const Row& row : std::vector<Row>{
           {"OAUTHBEARER", "AQ==", encode_base64(json), json},
           {"XOAUTH2", "", encode_base64(json), json},
           {"XOAUTH2", "", "no base64!", ""},
           {"XOAUTH2", "", "", ""},
           {"XOAUTH2", "", encode_base64("your ya29.token is bad"), ""},
           {"XOAUTH2", "", encode_base64(std::string(1400, 'x')), std::string(1024, 'x')}}) {
    SessionOptions o = options(TlsMode::kRequired);
    o.auth = token("ya29.token");
    Opening opening(o);
    EXPECT_EQ(play_auth(opening, {"S: 250-x\r\n250 AUTH " + row.mechanism + "\r\n"}),
              Action::kWrite);
    EXPECT_EQ(opening.on_bytes("334 " + row.why + "\r\n"), Action::kWrite);
    EXPECT_EQ(opening.output(), row.heard + "\r\n");
    EXPECT_EQ(opening.on_bytes("535 5.7.8 no\r\n"), Action::kFailed);
    EXPECT_EQ(opening.failure().cause, "auth-refused");
    EXPECT_EQ(opening.failure().detail, row.shown);
    EXPECT_EQ(opening.failure().reply.code, 535);
    EXPECT_EQ(opening.failure().stage, Stage::kAuth);
  }
}

TEST(Opening, WhoRefusesATokenAndThenLetsInIsNotBelieved) {
  SessionOptions o = options(TlsMode::kRequired);
  o.auth = token("t");
  Opening opening(o);
  EXPECT_EQ(play_auth(opening, {"S: 250-x\r\n250 AUTH XOAUTH2\r\n"}), Action::kWrite);
  EXPECT_EQ(opening.on_bytes("334 e30=\r\n"), Action::kWrite);
  EXPECT_EQ(opening.on_bytes("235 in\r\n"), Action::kFailed);
}

TEST(Opening, NoSecretGoesByAMechanismOfTheOtherKind) {
  struct Row {
    bool token;
    std::string offered;
  };
  for (const Row& row : std::vector<Row>{{true, "PLAIN LOGIN"}, {false, "XOAUTH2 OAUTHBEARER"}}) {
    SessionOptions o = options(TlsMode::kRequired);
    o.auth = Credentials{"li", "secret", row.token};
    Opening opening(o);
    EXPECT_EQ(play_auth(opening, {"S: 250-x\r\n250 AUTH " + row.offered + "\r\n"}),
              Action::kFailed);
    EXPECT_EQ(opening.failure().cause, "auth-not-offered");
  }
}

TEST(Opening, NothingIsSmuggledIntoAnAuthMessage) {
  for (const std::string& user : {std::string("a\0b", 3), std::string("a\1auth=Bearer x")}) {
    SessionOptions o = options(TlsMode::kRequired);
    o.auth = Credentials{user, "secret", true};
    Opening opening(o);
    EXPECT_EQ(play_auth(opening, {"S: 250-x\r\n250 AUTH XOAUTH2\r\n"}), Action::kFailed);
  }
}

TEST(Opening, WrongPasswordIsRefusedWithItsReply) {
  SessionOptions o = options(TlsMode::kRequired);
  o.auth = Credentials{"li", "secret"};
  Opening opening(o);
  EXPECT_EQ(
      play(opening, {"S: 220 a\r\n", "C: EHLO me", "S: 250-x\r\n250 STARTTLS\r\n", "C: STARTTLS",
                     "S: 220 go\r\n", "TLS", "C: EHLO me", "S: 250-x\r\n250 AUTH PLAIN\r\n",
                     "C: AUTH PLAIN AGxpAHNlY3JldA==", "S: 535 5.7.8 no\r\n"}),
      Action::kFailed);
  EXPECT_EQ(opening.failure().cause, "auth-refused");
  EXPECT_EQ(opening.failure().reply.enhanced, "5.7.8");
}

}  // namespace
}  // namespace hongyan::smtp
