// Nothing is said to a server that cannot show a good certificate, and no secret in clear.
#include "tests/integration/imap/support.h"
#include "tests/support/dovecot.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hongyan::imap::test {
namespace {

using hongyan::test::Dovecot;
using ::testing::HasSubstr;

class ImapTls : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    dovecot_ = std::make_unique<Dovecot>(
        hongyan::test::DovecotOptions{.users = {{"li", "li-secret"}}, .config = ""});
  }
  static void TearDownTestSuite() { dovecot_.reset(); }
  static Server server(TlsStart tls, const std::string& host) {
    return loopback(tls == TlsStart::kAtOnce ? dovecot_->imaps_port() : dovecot_->imap_port(), host,
                    tls);
  }
  static inline std::unique_ptr<Dovecot> dovecot_;
};

TEST_F(ImapTls, OnlyAGoodCertificateIsTaken) {
  for (const TlsStart tls : {TlsStart::kAtOnce, TlsStart::kStartTls}) {
    Visitor visitor(server(tls, "imap.example"), dovecot_->ca_file());
    const auto opened = visitor.open();
    ASSERT_TRUE(opened) << opened.error().sentence();
    EXPECT_THAT(visitor.client.tls_description(), HasSubstr("TLSv1.3"));
    const auto in = visitor.login("li", "li-secret");
    EXPECT_TRUE(in) << in.error().sentence();
    visitor.logout();
  }
}

TEST_F(ImapTls, ABadCertificateIsRefusedInClearWords) {
  Folders folder;
  hongyan::test::Authority stranger;
  stranger.write_root(folder.path() / "stranger.pem");
  const std::string other_root = (folder.path() / "stranger.pem").string();
  const struct {
    const char* host;
    std::string root;
    const char* words;
  } rows[] = {
      {"elsewhere.example", dovecot_->ca_file(), "it is for imap.example"},
      {"expired.example", dovecot_->ca_file(), "certificate has expired; it ended on "},
      {"imap.example", other_root, "it was issued by /CN=test root"},
      {"imap.example", "", "unable to get local issuer certificate"},
      {"127.0.0.1", dovecot_->ca_file(), "it is for imap.example"},
  };
  for (const auto& row : rows) {
    for (const TlsStart tls : {TlsStart::kAtOnce, TlsStart::kStartTls}) {
      Visitor visitor(server(tls, row.host), row.root);
      const auto opened = visitor.open();
      ASSERT_FALSE(opened) << row.words;
      EXPECT_EQ(opened.error().stage, Stage::kTls);
      EXPECT_EQ(opened.error().cause, "tls-unverified");
      EXPECT_THAT(opened.error().detail, HasSubstr(row.words));
      EXPECT_THAT(opened.error().detail, HasSubstr(row.host));
      const auto in = visitor.login("li", "li-secret");
      ASSERT_FALSE(in);
      EXPECT_EQ(in.error().cause, "not-open");
    }
  }
}

TEST_F(ImapTls, AServerWithoutTlsGetsNoSecret) {
  std::string heard;
  ScriptedServer plain([&](Talk& talk) {
    talk.say("* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hi\r\n");
    heard = talk.hear();
  });
  Visitor visitor(loopback(plain.port(), "imap.example", TlsStart::kStartTls), plain.ca_file());
  const auto opened = visitor.open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().cause, "starttls-not-offered");
  EXPECT_FALSE(visitor.login("li", "li-secret"));
  plain.stop();
  EXPECT_EQ(heard, "");
}

TEST_F(ImapTls, WordsInjectedBehindStartTlsEndTheConnection) {
  ScriptedServer server([](Talk& talk) {
    talk.say("* OK [CAPABILITY STARTTLS] hi\r\n");
    talk.answer("$ OK begin\r\n* OK [CAPABILITY AUTH=PLAIN] evil\r\n");
    talk.hear();
  });
  Visitor visitor(loopback(server.port(), "imap.example", TlsStart::kStartTls), server.ca_file());
  const auto opened = visitor.open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().cause, "starttls-injection");
}

TEST_F(ImapTls, AServerThatSpeaksNoTlsIsNamed) {
  ScriptedServer server([](Talk& talk) { talk.say("* OK I am plain\r\n"); });
  Visitor visitor(loopback(server.port()), server.ca_file());
  const auto opened = visitor.open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().stage, Stage::kTls);
  EXPECT_EQ(opened.error().cause, "tls-handshake");
}

TEST_F(ImapTls, ADeadAddressIsPassedOverForALivingOne) {
  Server two = server(TlsStart::kAtOnce, "imap.example");
  two.addresses.insert(two.addresses.begin(), async::net::ip::make_address("127.0.0.77"));
  // Dovecot listens on 127.0.0.1 only.
  Visitor visitor(two, dovecot_->ca_file());
  const auto opened = visitor.open();
  EXPECT_TRUE(opened) << opened.error().sentence();
  two.addresses.pop_back();
  Visitor nowhere(two, dovecot_->ca_file());
  const auto failed = nowhere.open();
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().stage, Stage::kConnect);
  EXPECT_EQ(failed.error().cause, "connect-refused");
  EXPECT_THAT(failed.error().detail, HasSubstr("127.0.0.77"));
}

}  // namespace
}  // namespace hongyan::imap::test
