// The dialogue as servers hold it, torn into pieces of every size.
#include "base/base64.h"
#include "mailbox/imap/login.h"
#include "tests/unit/imap/dialogue.h"

#include <gmock/gmock.h>

namespace hongyan::imap::test {
namespace {

using ::testing::ElementsAre;
using Action = Session::Action;

Command login_by(const Login& login, const Session& session) {
  auto command = login_command(login, session.capabilities(), "imap.example.cn", 993);
  EXPECT_TRUE(command);
  return std::move(*command);
}

TEST(Session, AWholeLifeWhateverTheSizeOfThePieces) {
  for (const std::size_t step : {1u, 2u, 3u, 7u, 64u, 10'000u}) {
    Dialogue d(step);
    EXPECT_EQ(d.hear("* OK [CAPABILITY IMAP4rev1 ID] Coremail ready\r\n"), Action::kDone);
    EXPECT_EQ(d.session.greeting(), "Coremail ready");
    EXPECT_TRUE(d.session.capabilities().has("ID"));

    d.begin(login_by({Login::Kind::kPassword, "li", "secret\""}, d.session));
    EXPECT_EQ(d.said(), "A1 LOGIN \"li\" {7}\r\n");
    d.hear("+ go on\r\n");
    EXPECT_EQ(d.said(), "secret\"\r\n");
    EXPECT_EQ(d.hear("* CAPABILITY IMAP4rev1 IDLE\r\nA1 OK in\r\n"), Action::kDone);
    EXPECT_FALSE(d.session.was_refused());
    EXPECT_FALSE(d.session.capabilities().has("ID"));

    d.begin(plain_command(Stage::kId, "ID NIL"));
    EXPECT_EQ(d.hear("* ID (\"name\" \"Dovecot\" \"OS\" NIL)\r\nA2 OK\r\n"), Action::kDone);
    EXPECT_EQ(d.session.server_id().at("name"), "Dovecot");

    Command examine = plain_command(Stage::kSelect, "EXAMINE INBOX");
    examine.is_select = true;
    d.begin(std::move(examine));
    EXPECT_EQ(d.hear("* FLAGS (\\Seen)\r\n* 3 EXISTS\r\n* 0 RECENT\r\n* OK [UIDVALIDITY 77] v\r\n"
                     "* OK [UIDNEXT 12] n\r\nA3 OK [READ-ONLY] done\r\n"),
              Action::kDone);
    EXPECT_EQ(d.session.folder().exists, 3u);
    EXPECT_EQ(d.session.folder().uid_validity, 77u);
    EXPECT_EQ(d.session.folder().uid_next, 12u);
    EXPECT_EQ(d.session.answer_code().name, "READ-ONLY");

    std::vector<std::uint32_t> uids;
    Command fetch = plain_command(Stage::kFetch, "UID FETCH 1:* (UID)");
    fetch.on_fetch = [&](const FetchData& data) { uids.push_back(data.uid); };
    d.begin(std::move(fetch));
    EXPECT_EQ(d.hear("* 1 FETCH (UID 4)\r\n* 2 FETCH (UID {1}\r\n5)\r\nA4 OK\r\n"), Action::kDone);
    EXPECT_THAT(uids, ElementsAre(4u, 5u));
    d.hear("* 1 FETCH (UID 6)\r\n");
    EXPECT_THAT(uids, ElementsAre(4u, 5u)) << "the command is over";

    Command logout = plain_command(Stage::kLogout, "LOGOUT");
    logout.is_logout = true;
    d.begin(std::move(logout));
    EXPECT_EQ(d.hear("* BYE bye\r\nA5 OK\r\n"), Action::kDone);
  }
}

TEST(Session, IdleWaitsUntilDone) {
  Dialogue d;
  d.greet();
  Command idle = plain_command(Stage::kIdle, "IDLE");
  idle.is_idle = true;
  EXPECT_EQ(d.begin(idle), Action::kRead);
  d.said();
  EXPECT_EQ(d.hear("+ idling\r\n"), Action::kIdle);
  EXPECT_FALSE(d.session.take_changed());
  EXPECT_EQ(d.hear("* OK still here\r\n"), Action::kIdle);
  EXPECT_FALSE(d.session.take_changed());
  EXPECT_EQ(d.hear("* 5 EXISTS\r\n"), Action::kIdle);
  EXPECT_TRUE(d.session.take_changed());
  EXPECT_EQ(d.hear("* 5 EXISTS\r\n"), Action::kIdle);
  EXPECT_FALSE(d.session.take_changed()) << "nothing new";
  EXPECT_EQ(d.hear("* 2 EXPUNGE\r\n"), Action::kIdle);
  EXPECT_TRUE(d.session.take_changed());
  EXPECT_EQ(d.session.folder().exists, 4u);
  EXPECT_EQ(d.end_idle(), Action::kRead);
  EXPECT_EQ(d.said(), "DONE\r\n");
  EXPECT_EQ(d.hear("A1 OK\r\n"), Action::kDone);
  EXPECT_EQ(d.end_idle(), Action::kDone) << "over already";
}

TEST(Session, AServerMayEndTheWaitingItself) {
  Dialogue d;
  d.greet();
  Command idle = plain_command(Stage::kIdle, "IDLE");
  idle.is_idle = true;
  d.begin(idle);
  d.hear("+ idling\r\n");
  EXPECT_EQ(d.hear("A1 OK enough\r\n"), Action::kDone);
}

TEST(Session, ARefusalIsAnAnswerAndTheConnectionGoesOn) {
  Dialogue d;
  d.greet();
  d.begin(login_by({Login::Kind::kPassword, "li", "ABCD-secret"}, d.session));
  EXPECT_EQ(d.hear("A1 NO [AUTHENTICATIONFAILED] LOGIN Login error password error\r\n"),
            Action::kDone);
  EXPECT_TRUE(d.session.was_refused());
  const Failure failure = d.session.failure();
  EXPECT_EQ(failure.cause, "refused");
  EXPECT_EQ(failure.stage, Stage::kLogin);
  EXPECT_EQ(failure.status, Status::kNo);
  EXPECT_EQ(failure.code, "AUTHENTICATIONFAILED");
  EXPECT_EQ(failure.text, "LOGIN Login error password error");
  EXPECT_FALSE(failure.ends_connection());
  EXPECT_EQ(failure.sentence(),
            "login: NO [AUTHENTICATIONFAILED] LOGIN Login error password error");
  d.begin(plain_command(Stage::kNoop, "NOOP"));
  EXPECT_EQ(d.hear("A2 BAD Parse command error\r\n"), Action::kDone);
  EXPECT_EQ(d.session.failure().cause, "rejected");
}

TEST(Session, WordsInGbkAreRead) {
  Dialogue d;
  d.greet();
  d.begin(plain_command(Stage::kSelect, "EXAMINE INBOX"));
  d.hear("A1 NO \xC3\xDC\xC2\xEB\xB4\xED\xCE\xF3\r\n");
  EXPECT_EQ(d.session.failure().text, "密码错误");
}

TEST(Session, TheChallengeToARefusedTokenIsAnsweredAndReported) {
  const std::string json = R"({"status":"400","schemes":"Bearer","scope":"https://mail.example/"})";
  const struct {
    const char* offered;
    const char* answer;
  } rows[] = {{"AUTH=XOAUTH2 SASL-IR", "\r\n"},
              {"AUTH=OAUTHBEARER SASL-IR", "AQ==\r\n"},
              {"AUTH=XOAUTH2", "\r\n"},
              {"AUTH=OAUTHBEARER", "AQ==\r\n"}};
  for (const auto& row : rows) {
    Dialogue d;
    d.greet(row.offered);
    d.begin(login_by({Login::Kind::kToken, "li", "ya29.token"}, d.session));
    if (!std::string_view(row.offered).contains("SASL-IR")) d.hear("+ \r\n");
    d.said();
    EXPECT_EQ(d.hear("+ " + encode_base64(json) + "\r\n"), Action::kRead);
    EXPECT_EQ(d.said(), row.answer);
    EXPECT_EQ(d.hear("A1 NO SASL authentication failed\r\n"), Action::kDone);
    EXPECT_EQ(d.session.failure().challenge, json);
    EXPECT_EQ(d.session.failure().text, "SASL authentication failed");
  }
}

TEST(Session, NoSecretIsShownWhoeverRepeatsIt) {
  const std::string secret = "sEcReT-42";
  for (const auto kind : {Login::Kind::kPassword, Login::Kind::kToken}) {
    for (const char* offered :
         {"AUTH=XOAUTH2", "AUTH=OAUTHBEARER SASL-IR AUTH=PLAIN LOGINDISABLED"}) {
      Dialogue d;
      d.greet(offered);
      auto command = login_command({kind, "li", secret}, d.session.capabilities(), "h", 1);
      if (!command) continue;
      std::string echo = secret + " " + encode_base64(secret);
      for (const std::string& part : command->parts) echo += " " + part.substr(0, part.size() - 2);
      for (char& c : echo)
        if (c == '\r' || c == '\n') c = ' ';
      d.begin(std::move(*command));
      d.hear("* OK [ALERT] " + echo + "\r\n* ID (\"name\" \"" + secret + "\")\r\n");
      if (d.hear("+ " + echo + "\r\n") == Action::kRead) d.hear("+ " + echo + "\r\n");
      d.hear("A1 NO [X" + secret + "] " + echo + "\r\n");
      const Failure failure = d.session.failure();
      std::string shown = failure.sentence() + failure.code + failure.text + failure.challenge +
                          d.session.alerts().at(0) + d.session.server_id().at("name");
      EXPECT_FALSE(shown.contains(secret)) << shown;
      EXPECT_FALSE(shown.contains(encode_base64(secret))) << shown;
      EXPECT_FALSE(shown.contains(encode_base64("\0li\0" + secret))) << shown;
      EXPECT_TRUE(shown.contains("***"));
    }
  }
}

TEST(Session, AChangedUidValidityIsSeenInTheMiddle) {
  Dialogue d;
  d.greet();
  Command examine = plain_command(Stage::kSelect, "EXAMINE INBOX");
  examine.is_select = true;
  d.begin(examine);
  d.hear("* OK [UIDVALIDITY 7] v\r\nA1 OK\r\n");
  EXPECT_FALSE(d.session.folder().renumbered);
  d.begin(plain_command(Stage::kNoop, "NOOP"));
  d.hear("* OK [UIDVALIDITY 8] v\r\nA2 OK\r\n");
  EXPECT_TRUE(d.session.folder().renumbered);
  d.begin(examine);
  d.hear("* OK [UIDVALIDITY 8] v\r\nA3 OK\r\n");
  EXPECT_FALSE(d.session.folder().renumbered);
}

}  // namespace
}  // namespace hongyan::imap::test
