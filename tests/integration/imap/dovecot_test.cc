// The client against a real server.
#include "tests/support/dovecot.h"

#include "mailbox/imap/folder_name.h"
#include "mailbox/imap/folders.h"
#include "tests/integration/imap/support.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <set>

namespace hongyan::imap::test {
namespace {

using hongyan::test::Dovecot;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using namespace std::chrono_literals;

const WallTime kMonday = from_unix_ms(1767578400'000);

std::string message(int number) {
  const std::string n = std::to_string(number);
  return "From: =?utf-8?B?5p2O?= <li@example.cn>\r\nTo: me@example.cn\r\nSubject: letter " + n +
         "\r\nMessage-ID: <m" + n + "@example.cn>\r\nIn-Reply-To: <ours-" + n +
         "@acme.example>\r\nDate: Mon, 5 Jan 2026 10:00:00 +0800\r\nContent-Type: text/plain;"
         " charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n你好, number " +
         n + "\r\n";
}

class ImapDovecot : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    dovecot_ =
        std::make_unique<Dovecot>(hongyan::test::DovecotOptions{.users = {{"li", "li-secret"},
                                                                          {"wang", "pass \"word\\"},
                                                                          {"zhao", "z"},
                                                                          {"qian", "q"},
                                                                          {"sun", "s"},
                                                                          {"zhou", "z"}},
                                                                .config = ""});
  }
  static void TearDownTestSuite() { dovecot_.reset(); }

  // A client that has logged in.
  static std::unique_ptr<Visitor> visit(const std::string& user, const std::string& password,
                                        ClientOptions options = {}) {
    auto made = std::make_unique<Visitor>(loopback(dovecot_->imaps_port()), dovecot_->ca_file(),
                                          std::move(options));
    const auto opened = made->open();
    EXPECT_TRUE(opened) << opened.error().sentence();
    const auto in = made->login(user, password);
    EXPECT_TRUE(in) << in.error().sentence();
    return made;
  }
  static inline std::unique_ptr<Dovecot> dovecot_;
};

TEST_F(ImapDovecot, ALogInIsTakenOrRefusedInTheServersWords) {
  auto good = visit("wang", "pass \"word\\");
  EXPECT_TRUE(good->client.offers_idle());
  EXPECT_EQ(good->client.session().server_id().at("name"), "Dovecot");
  good->logout();

  for (const TlsStart tls : {TlsStart::kAtOnce, TlsStart::kStartTls}) {
    Visitor wrong(
        loopback(tls == TlsStart::kAtOnce ? dovecot_->imaps_port() : dovecot_->imap_port(),
                 "imap.example", tls),
        dovecot_->ca_file());
    ASSERT_TRUE(wrong.open());
    const auto refused = wrong.login("wang", "not-the-password");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().stage, Stage::kLogin);
    EXPECT_EQ(refused.error().cause, "refused");
    EXPECT_EQ(refused.error().status, Status::kNo);
    EXPECT_EQ(refused.error().code, "AUTHENTICATIONFAILED");
    EXPECT_THAT(refused.error().text, HasSubstr("Authentication failed"));
    EXPECT_FALSE(refused.error().sentence().contains("not-the-password"));
  }
}

TEST_F(ImapDovecot, TokensAreTakenAndOldOnesRefusedWithTheChallenge) {
  auto li = std::make_unique<Visitor>(loopback(dovecot_->imaps_port()), dovecot_->ca_file());
  ASSERT_TRUE(li->open());
  EXPECT_TRUE(li->client.session().capabilities().has("AUTH=OAUTHBEARER"));
  const auto in = li->login("li", Dovecot::token("li", 1h), Login::Kind::kToken);
  EXPECT_TRUE(in) << in.error().sentence() << dovecot_->log();
  EXPECT_TRUE(li->examine("INBOX"));

  const std::string old = Dovecot::token("li", -1h);
  Visitor late(loopback(dovecot_->imaps_port()), dovecot_->ca_file());
  ASSERT_TRUE(late.open());
  const auto refused = late.login("li", old, Login::Kind::kToken);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().stage, Stage::kLogin);
  EXPECT_EQ(refused.error().cause, "refused");
  EXPECT_THAT(refused.error().challenge, HasSubstr("invalid_token"));
  EXPECT_FALSE(refused.error().sentence().contains(old));
}

TEST_F(ImapDovecot, HeadsAreReadAndNoFlagIsChanged) {
  dovecot_->deliver("li", {message(1), message(2), message(3)});
  for (int round = 0; round < 2; ++round) {
    auto li = visit("li", "li-secret");
    const auto folder = li->examine("INBOX");
    ASSERT_TRUE(folder) << folder.error().sentence();
    EXPECT_EQ(folder->exists, 3u);
    EXPECT_NE(folder->uid_validity, 0u);
    EXPECT_EQ(folder->uid_next, 4u);
    EXPECT_FALSE(folder->renumbered);
    const auto uids = li->uids_from(2);
    ASSERT_TRUE(uids);
    EXPECT_THAT(*uids, ElementsAre(2u, 3u));
    const auto heads = li->fetch(*uids);
    ASSERT_TRUE(heads) << heads.error().sentence();
    ASSERT_EQ(heads->size(), 2u);
    const MessageHead& head = heads->at(1);
    EXPECT_EQ(head.uid, 3u);
    EXPECT_EQ(head.from.at(0).name, "李");
    EXPECT_EQ(head.from.at(0).address, "li@example.cn");
    EXPECT_EQ(head.subject, "letter 3");
    EXPECT_EQ(head.message_id, "m3@example.cn");
    EXPECT_EQ(head.in_reply_to, "ours-3@acme.example");
    EXPECT_EQ(head.date, kMonday);
    EXPECT_TRUE(head.received);
    EXPECT_EQ(head.snippet, "你好, number 3");
    EXPECT_EQ(head.size, message(3).size());
    EXPECT_FALSE(head.seen) << "in round " << round;
    EXPECT_TRUE(li->examine("INBOX", folder->uid_validity + 1)->renumbered);
    li->logout();
  }
}

TEST_F(ImapDovecot, SentMailGoesWhereTheServerSays) {
  auto zhao = visit("zhao", "z");
  const auto folders = zhao->folders();
  ASSERT_TRUE(folders) << folders.error().sentence();
  const ListEntry* sent = find_sent(*folders);
  ASSERT_NE(sent, nullptr);
  EXPECT_EQ(sent->name, "Sent");
  const auto where = zhao->append(sent->wire_name, message(9), kMonday);
  ASSERT_TRUE(where) << where.error().sentence();
  const auto folder = zhao->examine(sent->wire_name);
  ASSERT_TRUE(folder);
  EXPECT_EQ(where->uid_validity, folder->uid_validity);
  const auto heads = zhao->fetch({where->uid});
  ASSERT_TRUE(heads);
  ASSERT_EQ(heads->size(), 1u);
  EXPECT_EQ(heads->at(0).subject, "letter 9");
  EXPECT_EQ(heads->at(0).received, kMonday);
  EXPECT_TRUE(heads->at(0).seen);

  const auto nowhere = zhao->append(encode_folder_name("没有"), message(9), kMonday);
  ASSERT_FALSE(nowhere);
  EXPECT_EQ(nowhere.error().stage, Stage::kAppend);
  EXPECT_EQ(nowhere.error().code, "TRYCREATE");
  EXPECT_TRUE(zhao->poll()) << "the connection lives";
  zhao->logout();
}

TEST_F(ImapDovecot, IdleSeesWhatAnotherConnectionAdds) {
  auto qian = visit("qian", "q");
  ASSERT_TRUE(qian->examine("INBOX"));
  EXPECT_FALSE(*qian->idle(50ms)) << "nothing came";
  auto later = std::async(std::launch::async, [] {
    auto other = visit("qian", "q");
    EXPECT_TRUE(other->append("INBOX", message(1), kMonday));
    other->logout();
  });
  const auto woken = qian->idle(60s);
  ASSERT_TRUE(woken) << woken.error().sentence();
  EXPECT_TRUE(*woken);
  later.get();
  const auto uids = qian->uids_from(1);
  ASSERT_TRUE(uids);
  EXPECT_THAT(*uids, ElementsAre(1u));

  auto other = visit("qian", "q");
  EXPECT_TRUE(other->append("INBOX", message(2), kMonday));
  const auto polled = qian->poll();
  ASSERT_TRUE(polled);
  EXPECT_TRUE(*polled);
  EXPECT_FALSE(*qian->poll());
}

TEST_F(ImapDovecot, AWaitingIsRenewedAndTheConnectionLives) {
  ClientOptions options;
  options.times.idle_renewal = 20ms;
  auto qian = visit("qian", "q", options);
  ASSERT_TRUE(qian->examine("INBOX"));
  const auto quiet = qian->idle(500ms);  // some twenty rounds of IDLE and DONE
  ASSERT_TRUE(quiet) << quiet.error().sentence();
  EXPECT_FALSE(*quiet);
  EXPECT_TRUE(qian->poll());
  EXPECT_TRUE(qian->uids_from(1));
}

TEST_F(ImapDovecot, ALargeFolderIsReadInBatches) {
  std::vector<std::string> many;
  for (int i = 1; i <= 5000; ++i) many.push_back(message(i));
  dovecot_->deliver("sun", many);
  auto sun = visit("sun", "s");
  const auto folder = sun->examine("INBOX");
  ASSERT_TRUE(folder);
  EXPECT_EQ(folder->exists, 5000u);
  const auto begun = std::chrono::steady_clock::now();
  const auto uids = sun->uids_from(1);
  ASSERT_TRUE(uids) << uids.error().sentence();
  ASSERT_EQ(uids->size(), 5000u);
  std::set<std::string> subjects;
  for (std::size_t at = 0; at < uids->size(); at += 500) {
    const auto first = uids->begin() + static_cast<std::ptrdiff_t>(at);
    const auto heads = sun->fetch({first, first + 500});
    ASSERT_TRUE(heads) << heads.error().sentence();
    ASSERT_EQ(heads->size(), 500u);
    for (const MessageHead& head : *heads) subjects.insert(head.subject);
  }
  EXPECT_EQ(subjects.size(), 5000u);
  const auto took = std::chrono::duration_cast<Millis>(std::chrono::steady_clock::now() - begun);
  RecordProperty("heads_per_second", static_cast<int>(5000 * 1000 / (took.count() + 1)));
}

TEST_F(ImapDovecot, AKilledServerIsAnErrorNotAHang) {
  Dovecot mortal({.users = {{"li", "li-secret"}}, .config = ""});
  Visitor li(loopback(mortal.imaps_port()), mortal.ca_file());
  ASSERT_TRUE(li.open());
  ASSERT_TRUE(li.login("li", "li-secret"));
  ASSERT_TRUE(li.examine("INBOX"));
  auto later = std::async(std::launch::async, [&mortal] {
    std::this_thread::sleep_for(300ms);
    mortal.kill9();
  });
  const auto lost = li.idle(60s);
  later.get();
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().stage, Stage::kIdle);
  EXPECT_TRUE(lost.error().cause == "closed-by-peer" || lost.error().cause == "reset-by-peer")
      << lost.error().sentence();
  EXPECT_TRUE(lost.error().ends_connection());
  const auto dead = li.poll();
  ASSERT_FALSE(dead);
  EXPECT_EQ(dead.error().cause, "not-open");
}

}  // namespace
}  // namespace hongyan::imap::test
