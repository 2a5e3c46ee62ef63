// Servers that break off, break the protocol, or mean harm.
#include "tests/unit/imap/dialogue.h"

namespace hongyan::imap::test {
namespace {

using Action = Session::Action;

TEST(SessionTrouble, AGreetingIsOkOrTheEnd) {
  const struct {
    const char* line;
    const char* cause;
    const char* text;
  } rows[] = {
      {"* BYE [UNAVAILABLE] Too many connections\r\n", "bye", "Too many connections"},
      {"* PREAUTH hello\r\n", "preauthenticated", ""},
      {"* NO go away\r\n", "malformed", "go away"},
      {"A1 OK hello\r\n", "malformed", ""},
      {"+ hello\r\n", "malformed", ""},
      {"220 smtp.example ESMTP\r\n", "malformed", ""},
      {"HTTP/1.1 400 Bad Request\r\n", "malformed", ""},
  };
  for (const auto& row : rows) {
    Dialogue d(3);
    EXPECT_EQ(d.hear(row.line), Action::kFailed) << row.line;
    EXPECT_EQ(d.session.failure().cause, row.cause) << row.line;
    EXPECT_EQ(d.session.failure().text, row.text) << row.line;
    EXPECT_EQ(d.session.failure().stage, Stage::kGreeting) << row.line;
    EXPECT_TRUE(d.session.failure().ends_connection()) << row.line;
  }
}

TEST(SessionTrouble, WhatIsSaidBehindTheConsentToTlsIsAnAttack) {
  for (const char* more : {"A2 OK [CAPABILITY X] in\r\n", "* OK [CAPA", "\r\n"}) {
    Dialogue d;
    d.greet("STARTTLS");
    d.begin(plain_command(Stage::kStartTls, "STARTTLS"));
    EXPECT_EQ(d.hear(std::string("A1 OK begin\r\n") + more), Action::kFailed) << more;
    EXPECT_EQ(d.session.failure().cause, "starttls-injection") << more;
  }
}

TEST(SessionTrouble, NothingSaidBeforeTlsCounts) {
  Dialogue d;
  d.greet("STARTTLS LOGINDISABLED");
  d.begin(plain_command(Stage::kStartTls, "STARTTLS"));
  EXPECT_EQ(d.hear("A1 OK begin\r\n"), Action::kDone);
  d.session.on_tls();
  EXPECT_TRUE(d.session.capabilities().empty());
  EXPECT_EQ(d.session.greeting(), "");
}

TEST(SessionTrouble, AnAnswerToNothingEndsTheConnection) {
  for (const char* line : {"A1 OK x\r\n", "+ more\r\n"}) {
    Dialogue d;
    d.greet();
    EXPECT_EQ(d.hear(line), Action::kFailed) << line;
    EXPECT_EQ(d.session.failure().cause, "malformed");
  }
  for (const char* line : {"A2 OK x\r\n", "A1 BYE x\r\n", "A1 PREAUTH x\r\n", "+ more\r\n"}) {
    Dialogue d;
    d.greet();
    d.begin(plain_command(Stage::kNoop, "NOOP"));
    EXPECT_EQ(d.hear(line), Action::kFailed) << line;
    EXPECT_EQ(d.session.failure().cause, "malformed");
  }
}

TEST(SessionTrouble, ConsentBeforeAllIsSaidIsNone) {
  Dialogue d;
  d.greet();
  Command command = plain_command(Stage::kLogin, "LOGIN a {3}");
  command.parts.emplace_back("abc\r\n");
  d.begin(command);
  EXPECT_EQ(d.hear("A1 OK welcome\r\n"), Action::kFailed);
}

TEST(SessionTrouble, TwoRequestsForMoreAtOnceAreOneTooMany) {
  Dialogue d;
  d.greet();
  Command command = plain_command(Stage::kAppend, "APPEND x {3}");
  command.parts.emplace_back("abc\r\n");
  d.begin(command);
  EXPECT_EQ(d.hear("+ a\r\n+ b\r\n"), Action::kFailed);
}

TEST(SessionTrouble, ByeIsTheCauseWhenTheStreamEndsAfterIt) {
  Dialogue d;
  d.greet();
  d.begin(plain_command(Stage::kFetch, "UID FETCH 1 (UID)"));
  EXPECT_EQ(d.hear("* BYE Account exceeded command or bandwidth limits\r\n"), Action::kRead);
  EXPECT_EQ(d.session.on_lost("closed-by-peer"), Action::kFailed);
  EXPECT_EQ(d.session.failure().cause, "bye");
  EXPECT_EQ(d.session.failure().text, "Account exceeded command or bandwidth limits");
  EXPECT_EQ(d.session.failure().status, Status::kBye);
}

TEST(SessionTrouble, AnAnswerAfterByeSaysMore) {
  Dialogue d;
  d.greet();
  d.begin(plain_command(Stage::kLogin, "LOGIN a b"));
  EXPECT_EQ(d.hear("* BYE\r\nA1 NO [AUTHENTICATIONFAILED] wrong\r\n"), Action::kDone);
  EXPECT_EQ(d.session.failure().text, "wrong");
}

TEST(SessionTrouble, ByeEndsTheWaitingAtOnce) {
  Dialogue d;
  d.greet();
  Command idle = plain_command(Stage::kIdle, "IDLE");
  idle.is_idle = true;
  d.begin(idle);
  d.hear("+ idling\r\n");
  EXPECT_EQ(d.hear("* BYE Autologout\r\n"), Action::kFailed);
  EXPECT_EQ(d.session.failure().cause, "bye");
}

TEST(SessionTrouble, AStreamThatBreaksKeepsStageAndCause) {
  Dialogue d;
  d.greet();
  d.begin(plain_command(Stage::kFetch, "UID FETCH 1 (UID)"));
  d.hear("* 1 FETCH (UID ");
  EXPECT_EQ(d.session.on_lost("timeout", "nothing for 60 s"), Action::kFailed);
  EXPECT_EQ(d.session.failure().cause, "timeout");
  EXPECT_EQ(d.session.failure().stage, Stage::kFetch);
  EXPECT_EQ(d.session.failure().detail, "nothing for 60 s");
  EXPECT_EQ(d.session.begin(plain_command(Stage::kNoop, "NOOP")), Action::kFailed);
  EXPECT_EQ(d.session.failure().cause, "not-open");
}

TEST(SessionTrouble, HostileBytesEndAtTheirLimits) {
  std::string deep = "* 1 FETCH (BODYSTRUCTURE " + std::string(10'000, '(') + "\r\n";
  for (const auto& [bytes, cause] :
       {std::pair<std::string, const char*>{std::string(70'000, 'x'), "too-large"},
        {"* 1 FETCH (BODY[TEXT] {4294967295}\r\n", "too-large"},
        {deep, "malformed"},
        {"* LIST (a \"/\" b\r\n", "malformed"},
        {"* 1 FETCH (UID 0)\r\n", "malformed"}}) {
    Dialogue d(100);
    d.greet();
    d.begin(plain_command(Stage::kFetch, "UID FETCH 1:* (UID)"));
    EXPECT_EQ(d.hear(bytes), Action::kFailed) << bytes.substr(0, 40);
    EXPECT_EQ(d.session.failure().cause, cause) << bytes.substr(0, 40);
  }
}

TEST(SessionTrouble, AlertsAndNamesOfTheServerAreFew) {
  Dialogue d;
  d.greet();
  std::string id = "* ID (";
  for (int i = 0; i < 1000; ++i) {
    d.hear("* OK [ALERT] again\r\n");
    id += "\"k" + std::to_string(i) + "\" \"v\" ";
  }
  d.hear(id + ")\r\n");
  EXPECT_EQ(d.session.alerts().size(), 10u);
  EXPECT_EQ(d.session.server_id().size(), 30u);
}

}  // namespace
}  // namespace hongyan::imap::test
