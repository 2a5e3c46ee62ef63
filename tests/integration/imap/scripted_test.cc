// Servers as Dovecot never is: that demand ID, refuse tokens, say no UIDNEXT, stall, break off.
#include "base/async/task_group.h"
#include "base/base64.h"
#include "tests/integration/imap/support.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hongyan::imap::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr std::string_view kSecret = "sEcReT-42";

// Greets over TLS.
bool greet(Talk& talk, std::string_view capabilities = "IMAP4rev1", std::string_view text = "hi") {
  if (!talk.start_tls()) return false;
  talk.say("* OK [CAPABILITY " + std::string(capabilities) + "] " + std::string(text) + "\r\n");
  return true;
}

TEST(ImapScripted, IdIsSentWhereItIsOfferedOrWanted) {
  const struct {
    const char* capabilities;
    const char* greeting;
    bool always;
    bool sent;
  } rows[] = {{"IMAP4rev1 ID", "hi", false, true},
              {"IMAP4rev1", "Coremail System IMap Server Ready(163com)", false, true},
              {"IMAP4rev1", "hi", true, true},
              {"IMAP4rev1", "hi", false, false}};
  for (const auto& row : rows) {
    std::vector<std::string> heard;
    ScriptedServer server([&](Talk& talk) {
      if (!greet(talk, row.capabilities, row.greeting)) return;
      heard.push_back(
          talk.answer("$ OK [CAPABILITY " + std::string(row.capabilities) + "] in\r\n"));
      while (!heard.back().empty()) {
        const bool is_id = heard.back().contains("ID (");
        heard.push_back(talk.answer(is_id ? "* ID NIL\r\n$ OK\r\n" : "* 0 EXISTS\r\n$ OK\r\n"));
      }
    });
    {
      ClientOptions options;
      options.always_identify = row.always;
      Visitor visitor(loopback(server.port()), server.ca_file(), options);
      ASSERT_TRUE(visitor.open());
      ASSERT_TRUE(visitor.login("li@163.example", "ABCDEFGHIJKLMNOP"));
      ASSERT_TRUE(visitor.examine("INBOX"));
    }
    server.stop();
    ASSERT_GE(heard.size(), 3u);
    EXPECT_EQ(heard[0], "A1 LOGIN \"li@163.example\" \"ABCDEFGHIJKLMNOP\"");
    EXPECT_EQ(heard[1].starts_with("A2 ID (\"name\" \"Hongyan\""), row.sent) << heard[1];
    EXPECT_THAT(heard[row.sent ? 2 : 1], HasSubstr("EXAMINE \"INBOX\""));
  }
}

TEST(ImapScripted, ARefusedIdIsNoFailureAndARefusedFolderKeepsItsWords) {
  ScriptedServer server([](Talk& talk) {
    if (!greet(talk, "IMAP4rev1 ID")) return;
    talk.answer("$ OK in\r\n");
    talk.answer("* CAPABILITY IMAP4rev1 ID\r\n$ OK\r\n");
    talk.answer("$ BAD Parse command error\r\n");
    talk.answer("$ NO EXAMINE Unsafe Login. Please contact kefu@188.com for help\r\n");
    talk.answer("$ OK\r\n");
  });
  Visitor visitor(loopback(server.port()), server.ca_file());
  ASSERT_TRUE(visitor.open());
  ASSERT_TRUE(visitor.login("li", "secret"));
  const auto folder = visitor.examine("INBOX");
  ASSERT_FALSE(folder);
  EXPECT_EQ(folder.error().stage, Stage::kSelect);
  EXPECT_EQ(folder.error().cause, "refused");
  EXPECT_EQ(folder.error().text, "EXAMINE Unsafe Login. Please contact kefu@188.com for help");
  EXPECT_TRUE(visitor.poll()) << "the connection lives";
}

TEST(ImapScripted, ARefusedSecretIsTriedOnceAndShownNowhere) {
  for (const auto kind : {Login::Kind::kPassword, Login::Kind::kToken}) {
    std::vector<std::string> heard;
    ScriptedServer server([&](Talk& talk) {
      if (!greet(talk, "AUTH=XOAUTH2 SASL-IR")) return;
      heard.push_back(talk.hear());
      const std::string echo = heard.back() + " " + std::string(kSecret);
      if (kind == Login::Kind::kToken) {
        talk.say("+ " +
                 encode_base64("{\"status\":\"401\",\"token\":\"" + std::string(kSecret) + "\"}") +
                 "\r\n");
        heard.push_back(talk.hear());
      }
      talk.say("A1 NO [AUTHENTICATIONFAILED] what is " + echo + "?\r\n");
      heard.push_back(talk.hear());
    });
    Failure refused;
    Failure again;
    {
      Visitor visitor(loopback(server.port()), server.ca_file());
      ASSERT_TRUE(visitor.open());
      const auto first = visitor.login("li", std::string(kSecret), kind);
      ASSERT_FALSE(first);
      refused = first.error();
      const auto second = visitor.login("li", std::string(kSecret), kind);
      ASSERT_FALSE(second);
      again = second.error();
    }
    server.stop();
    EXPECT_EQ(refused.code, "AUTHENTICATIONFAILED");
    EXPECT_EQ(again.cause, "login-spent");
    EXPECT_EQ(heard.back(), "") << "only one log-in was said";
    const std::string shown =
        refused.sentence() + refused.text + refused.challenge + again.sentence();
    EXPECT_FALSE(shown.contains(kSecret)) << shown;
    EXPECT_FALSE(shown.contains(encode_base64(kSecret))) << shown;
    if (kind == Login::Kind::kToken) {
      EXPECT_EQ(heard[1], "") << "the challenge wants an empty line";
      EXPECT_THAT(refused.challenge, HasSubstr("\"status\":\"401\""));
    }
  }
}

TEST(ImapScripted, UidnextIsFoundWhereTheServerDoesNotTell) {
  std::vector<std::string> heard;
  ScriptedServer server([&](Talk& talk) {
    if (!greet(talk)) return;
    talk.answer("$ OK [CAPABILITY IMAP4rev1] in\r\n");
    talk.answer("* 2 EXISTS\r\n* OK [UIDVALIDITY 9] v\r\n$ OK\r\n");
    heard.push_back(talk.answer("* 2 FETCH (UID 41)\r\n$ OK\r\n"));
    heard.push_back(talk.answer("* 2 FETCH (UID 41)\r\n$ OK\r\n"));
    talk.answer("* OK [UIDVALIDITY 10] new\r\n$ OK\r\n");
  });
  Visitor visitor(loopback(server.port()), server.ca_file());
  ASSERT_TRUE(visitor.open());
  ASSERT_TRUE(visitor.login("li", "secret"));
  const auto folder = visitor.examine("&XfJT0ZAB-", 8);
  ASSERT_TRUE(folder);
  EXPECT_EQ(folder->name, "已发送");
  EXPECT_EQ(folder->uid_next, 42u);
  EXPECT_TRUE(folder->renumbered) << "8 was known, 9 it is";
  EXPECT_TRUE(visitor.uids_from(42)->empty());
  const auto renumbered = visitor.uids_from(42);
  ASSERT_FALSE(renumbered);
  EXPECT_EQ(renumbered.error().cause, "uidvalidity-changed");
  EXPECT_THAT(heard, ElementsAre(StartsWith("A3 FETCH * (UID)"), "A4 UID FETCH 42:* (UID)"));
}

TEST(ImapScripted, OnlyMessagesAskedForAreTaken) {
  ScriptedServer server([&](Talk& talk) {
    if (!greet(talk)) return;
    talk.answer("$ OK [CAPABILITY IMAP4rev1] in\r\n");
    talk.answer("* 9 EXISTS\r\n* OK [UIDNEXT 50] n\r\n$ OK\r\n");
    talk.answer("* 9 FETCH (UID 41)\r\n$ OK\r\n");
    talk.answer(
        "* 8 FETCH (FLAGS (\\Seen) UID 40)\r\n"
        "* 9 FETCH (UID 41 BODY[TEXT]<0> \"b\")\r\n* 9 FETCH (UID 41 BODY[TEXT]<0> \"c\")\r\n"
        "* 8 FETCH (UID 40 BODY[TEXT]<0> \"a\")\r\n* 7 FETCH (UID 39 BODY[TEXT]<0> \"x\")\r\n"
        "$ OK\r\n");
  });
  Visitor visitor(loopback(server.port()), server.ca_file());
  ASSERT_TRUE(visitor.open());
  ASSERT_TRUE(visitor.login("li", "secret"));
  ASSERT_TRUE(visitor.examine("INBOX"));
  const auto uids = visitor.uids_from(42);
  ASSERT_TRUE(uids);
  EXPECT_TRUE(uids->empty()) << "\"*\" is the last message, not a new one";
  const auto heads = visitor.fetch({41, 40, 41});
  ASSERT_TRUE(heads);
  ASSERT_EQ(heads->size(), 2u);
  EXPECT_EQ(heads->at(0).uid, 40u);
  EXPECT_EQ(heads->at(0).snippet, "a");
  EXPECT_EQ(heads->at(1).snippet, "b");
}

TEST(ImapScripted, AServerThatStallsAnywhereIsGivenUp) {
  using namespace std::chrono_literals;
  const struct {
    int silent_at;
    Stage stage;
    const char* cause;
  } rows[] = {{0, Stage::kTls, "timeout"},   {1, Stage::kGreeting, "timeout"},
              {2, Stage::kLogin, "timeout"}, {3, Stage::kSelect, "timeout"},
              {4, Stage::kFetch, "timeout"}, {5, Stage::kIdle, "timeout"}};
  for (const auto& row : rows) {
    ScriptedServer server([&](Talk& talk) {
      const auto play = [&] {
        if (row.silent_at == 0 || !talk.start_tls() || row.silent_at == 1) return;
        talk.say("* OK [CAPABILITY IMAP4rev1 IDLE] hi\r\n");
        if (row.silent_at == 2) return;
        talk.answer("$ OK [CAPABILITY IMAP4rev1 IDLE] in\r\n");
        if (row.silent_at == 3) return;
        talk.answer("* 1 EXISTS\r\n* OK [UIDNEXT 5] n\r\n$ OK\r\n");
        if (row.silent_at == 4) return;
        talk.answer("* 1 FETCH (UID 4)\r\n$ OK\r\n");
      };
      play();
      while (!talk.hear().empty()) talk.say("* OK wait");  // a drip, never an answer
    });
    ClientOptions options;
    options.times = {.connect = 5s,
                     .tls = 300ms,
                     .greeting = 300ms,
                     .command = 300ms,
                     .fetch = 300ms,
                     .append = 300ms,
                     .logout = 100ms};
    if (row.silent_at > 0) options.times.tls = 20s;
    if (row.silent_at > 3) options.times.command = row.silent_at == 5 ? 2s : 20s;
    Visitor visitor(loopback(server.port()), server.ca_file(), options);
    const auto failure = [&]() -> std::optional<Failure> {
      if (const auto done = visitor.open(); !done) return done.error();
      if (const auto done = visitor.login("li", "secret"); !done) return done.error();
      if (const auto done = visitor.examine("INBOX"); !done) return done.error();
      if (const auto done = visitor.uids_from(1); !done) return done.error();
      if (const auto done = visitor.idle(1h); !done) return done.error();
      return std::nullopt;
    }();
    ASSERT_TRUE(failure) << row.silent_at;
    EXPECT_EQ(failure->stage, row.stage) << row.silent_at << failure->sentence();
    EXPECT_EQ(failure->cause, row.cause) << row.silent_at << failure->sentence();
  }
}

TEST(ImapScripted, AServerThatBreaksOffInTheMiddleIsAnErrorWithItsStage) {
  for (const bool with_words : {false, true}) {
    ScriptedServer server([&](Talk& talk) {
      if (!greet(talk)) return;
      talk.answer("$ OK [CAPABILITY IMAP4rev1] in\r\n");
      talk.answer("* 9 EXISTS\r\n* OK [UIDNEXT 50] n\r\n$ OK\r\n");
      talk.answer(with_words ? "* BYE Account exceeded command or bandwidth limits\r\n"
                             : "* 1 FETCH (UID 1 BODY[TEXT]<0> {1000}\r\nhalf");
    });
    Visitor visitor(loopback(server.port()), server.ca_file());
    ASSERT_TRUE(visitor.open());
    ASSERT_TRUE(visitor.login("li", "secret"));
    ASSERT_TRUE(visitor.examine("INBOX"));
    const auto heads = visitor.fetch({1});
    ASSERT_FALSE(heads);
    EXPECT_EQ(heads.error().stage, Stage::kFetch);
    EXPECT_EQ(heads.error().cause, with_words ? "bye" : "closed-by-peer");
    EXPECT_EQ(heads.error().text, with_words ? "Account exceeded command or bandwidth limits" : "");
    EXPECT_TRUE(heads.error().ends_connection());
  }
}

async::Task<> wait_long(Visitor* visitor, std::optional<Failure>* failure) {
  co_await async::net::this_coro::throw_if_cancelled(false);
  const auto woken = co_await visitor->client.idle(std::chrono::hours(1));
  if (!woken) *failure = woken.error();
}

async::Task<bool> cancel_soon(Visitor* visitor, std::optional<Failure>* failure) {
  async::TaskGroup group(co_await async::net::this_coro::executor, "waiting");
  group.spawn(wait_long(visitor, failure));
  co_await async::sleep_for(std::chrono::milliseconds(100));
  co_await group.stop();
  co_return true;
}

TEST(ImapScripted, AWaitingCanBeCancelled) {
  ScriptedServer server([](Talk& talk) {
    if (!greet(talk, "IMAP4rev1 IDLE")) return;
    talk.answer("$ OK [CAPABILITY IMAP4rev1 IDLE] in\r\n");
    talk.answer("+ idling\r\n");
    talk.hear();
  });
  Visitor visitor(loopback(server.port()), server.ca_file());
  ASSERT_TRUE(visitor.open());
  ASSERT_TRUE(visitor.login("li", "secret"));
  std::optional<Failure> failure;
  EXPECT_TRUE(visitor.run(cancel_soon(&visitor, &failure)));
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->cause, "cancelled");
  EXPECT_EQ(failure->stage, Stage::kIdle);
}

TEST(ImapScripted, AnEndlessAnswerEndsAtItsLimit) {
  ScriptedServer server([](Talk& talk) {
    if (!greet(talk)) return;
    talk.hear();
    const std::string piece(100'000, 'x');
    talk.say("* CAPABILITY ");
    for (int i = 0; i < 20; ++i) talk.say(piece);
  });
  Visitor visitor(loopback(server.port()), server.ca_file());
  ASSERT_TRUE(visitor.open());
  const auto in = visitor.login("li", "secret");
  ASSERT_FALSE(in);
  EXPECT_EQ(in.error().cause, "too-large");
}

}  // namespace
}  // namespace hongyan::imap::test
