#include "sink/server.h"

#include "tests/integration/sink/raw_peer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

namespace hongyan::sink {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

std::unique_ptr<Server> start(Options options = {}) {
  auto server = Server::start(std::move(options));
  EXPECT_TRUE(server) << server.error().detail;
  return std::move(*server);
}

std::unique_ptr<Server> start_with(Profile profile) {
  Options options;
  options.listeners[0].profile = std::move(profile);
  return start(std::move(options));
}

void greet(RawPeer& peer) {
  EXPECT_THAT(peer.reply(), StartsWith("220"));
  EXPECT_THAT(peer.ask("EHLO me\r\n"), StartsWith("250"));
}

std::string envelope(const std::string& recipient) {
  return "MAIL FROM:<a@b.example>\r\nRCPT TO:<" + recipient + ">\r\nDATA\r\n";
}

std::string slurp(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return std::move(text).str();
}

// A folder of this test's own.
class SinkServer : public testing::Test {
 protected:
  SinkServer() {
    char name[] = "/tmp/hongyan-sink-XXXXXX";
    folder_ = ::mkdtemp(name);
  }
  ~SinkServer() override { std::filesystem::remove_all(folder_); }
  std::filesystem::path folder_;
};

TEST_F(SinkServer, PipelinedMessagesAreKept) {
  auto server = start({.book = {.keep_content = true}});
  RawPeer peer(server->port());
  greet(peer);
  peer.say(envelope("li@x"));
  EXPECT_THAT(peer.hear_until("354 go ahead\r\n"), HasSubstr("250 2.1.5"));
  peer.say("Message-ID: <1@b>\r\n\r\none\r\n.\r\n" + envelope("wu@x"));  // content 1, envelope 2
  EXPECT_THAT(peer.hear_until("354 go ahead\r\n"), StartsWith("250 2.0.0 kept"));
  peer.say("Message-ID: <2@b>\r\n\r\n..two\r\n.\r\nQUIT\r\n");
  EXPECT_THAT(peer.hear_out(), StartsWith("250 2.0.0 kept\r\n221"));
  const auto accepted = server->accepted();
  ASSERT_EQ(accepted.size(), 2U);
  EXPECT_EQ(accepted[0].recipient, "li@x");
  EXPECT_EQ(accepted[0].message_id, "<1@b>");
  EXPECT_THAT(accepted[1].content, HasSubstr("\r\n.two\r\n"));
  EXPECT_EQ(server->statistics().messages, 2U);
}

TEST_F(SinkServer, LargeChunkCrossesManyReads) {
  auto server = start();
  RawPeer peer(server->port());
  greet(peer);
  const std::string body(3'000'000, '\n');
  peer.say("MAIL FROM:<a@b>\r\nRCPT TO:<li@x>\r\nBDAT 3000000 LAST\r\n" + body + "QUIT\r\n");
  EXPECT_THAT(peer.hear_out(), HasSubstr("kept\r\n221"));
  EXPECT_EQ(server->statistics().bytes, 3'000'000U);
}

TEST_F(SinkServer, EveryScriptedAddressDoesAsItSays) {
  auto server = start();
  struct Case {
    const char* recipient;
    const char* command;  // after which it happens
    const char* answer;   // "": closed without one
  };
  const Case cases[] = {
      {"bounce-550-5.1.1+77@x", "", "550 5.1.1 "},
      {"defer-451@x", "", "451 4.7.1 "},
      {"defer-421-4.7.0@x", "", "421 4.7.0 "},
      {"garble-rcpt@x", "", "2x0 "},
      {"drop-rcpt@x", "", ""},
      {"drop-data@x", "DATA\r\n", ""},
      {"drop-content@x", "DATA\r\nx\r\n.\r\n", "354 go ahead"},
      {"lost-content@x", "DATA\r\nx\r\n.\r\n", "354 go ahead"},
      {"content-452-4.2.2@x", "DATA\r\nx\r\n.\r\n", "354 go ahead\r\n452 4.2.2 "},
      {"content-554-5.7.1@x", "BDAT 1 LAST\r\nx", "554 5.7.1 "},
  };
  for (const Case& c : cases) {
    RawPeer peer(server->port());
    greet(peer);
    peer.say("MAIL FROM:<a@b>\r\n");
    EXPECT_THAT(peer.reply(), StartsWith("250"));
    peer.say("RCPT TO:<" + std::string(c.recipient) + ">\r\n");
    if (*c.command != '\0') {
      EXPECT_THAT(peer.reply(), StartsWith("250")) << c.recipient;
      peer.say(c.command);
    }
    peer.say("QUIT\r\n");
    EXPECT_THAT(peer.hear_out(), StartsWith(c.answer)) << c.recipient;
    EXPECT_TRUE(peer.ended()) << c.recipient;
  }
  const auto statistics = server->statistics();
  EXPECT_EQ(statistics.messages, 1U);  // lost-content
  EXPECT_EQ(statistics.lost, 1U);
  EXPECT_EQ(statistics.bounced, 1U);
  EXPECT_EQ(statistics.deferred, 2U);
  EXPECT_EQ(statistics.dropped, 3U);
  EXPECT_EQ(statistics.content_unanswered, 2U);
}

TEST_F(SinkServer, StallKeepsSilentUntilThePeerGoes) {
  auto server = start();
  {
    RawPeer peer(server->port());
    greet(peer);
    peer.say("MAIL FROM:<a@b>\r\nRCPT TO:<stall-rcpt@x>\r\n");
    EXPECT_THAT(peer.reply(), StartsWith("250"));
    EXPECT_TRUE(peer.silent_for(200));
  }
  for (int i = 0; i < 1000 && server->statistics().open != 0; ++i)
    std::this_thread::sleep_for(Millis(10));
  EXPECT_EQ(server->statistics().open, 0U);
}

TEST_F(SinkServer, EndlessLineGoesOn) {
  auto server = start();
  RawPeer peer(server->port());
  greet(peer);
  peer.say("MAIL FROM:<a@b>\r\nRCPT TO:<endless-rcpt@x>\r\n");
  EXPECT_THAT(peer.reply(), StartsWith("250"));
  const auto heard = peer.hear_out(2'000'000);
  EXPECT_GE(heard.size(), 2'000'000U);
  EXPECT_EQ(heard.find('\n'), std::string::npos);
}

TEST_F(SinkServer, IdleConnectionsAreClosed) {
  Options options;
  options.idle_timeout = Millis(200);
  auto server = start(std::move(options));
  RawPeer peer(server->port());
  EXPECT_THAT(peer.hear_out(), StartsWith("220"));
  EXPECT_TRUE(peer.ended());
}

TEST_F(SinkServer, LatencyDelaysTheReplyOfABatchOnce) {
  Profile profile;
  profile.latency = Millis(150);
  auto server = start_with(profile);
  const auto begin = std::chrono::steady_clock::now();
  RawPeer peer(server->port());
  peer.say("EHLO me\r\n" + envelope("li@x") + "x\r\n.\r\nQUIT\r\n");
  EXPECT_THAT(peer.hear_out(), HasSubstr("kept\r\n221"));
  EXPECT_GE(std::chrono::steady_clock::now() - begin, Millis(150));
  RawPeer slow(server->port());
  const auto second = std::chrono::steady_clock::now();
  greet(slow);
  for (int i = 0; i < 3; ++i) EXPECT_THAT(slow.ask("NOOP\r\n"), StartsWith("250"));
  EXPECT_GE(std::chrono::steady_clock::now() - second, Millis(5 * 150));
}

TEST_F(SinkServer, ListenersAreProvidersOfTheirOwn) {
  Options options;
  options.listeners = {{.address = "127.0.0.2"}, {.address = "127.0.0.3"}};
  options.listeners[1].profile.limits.connections = 1;
  auto server = start(std::move(options));
  RawPeer one(server->port(0), "127.0.0.2");
  RawPeer two(server->port(0), "127.0.0.2");
  EXPECT_THAT(one.reply(), StartsWith("220"));
  EXPECT_THAT(two.reply(), StartsWith("220"));
  RawPeer three(server->port(1), "127.0.0.3");
  EXPECT_THAT(three.reply(), StartsWith("220"));
  RawPeer four(server->port(1), "127.0.0.3");
  EXPECT_THAT(four.hear_out(), StartsWith("421"));
}

TEST_F(SinkServer, LogLineIsOnDiskBeforeThe250) {
  const auto log = folder_ / "log.ndjson";
  auto server = start({.book = {.log_file = log, .out_dir = folder_ / "out"}});
  RawPeer peer(server->port());
  greet(peer);
  for (int i = 1; i <= 20; ++i) {
    const auto id = "<" + std::to_string(i) + "@b>";
    peer.say(envelope("li\xff@x").replace(0, 0, "RSET\r\n"));
    peer.hear_until("553 5.6.7 the address needs SMTPUTF8\r\n");
    peer.hear_until("no recipient was accepted\r\n");
    peer.say("RSET\r\n" + envelope("li@x"));
    peer.hear_until("354 go ahead\r\n");
    EXPECT_THAT(peer.ask("Message-ID: " + id + "\r\n\r\n.\r\n"), StartsWith("250"));
    EXPECT_THAT(slurp(log), HasSubstr("\"message_id\":\"" + id + "\""));
  }
  EXPECT_EQ(slurp(folder_ / "out" / "00000002.eml"), "Message-ID: <2@b>\r\n\r\n");
  EXPECT_EQ(server->statistics().duplicate_recipients, 1U);
}

TEST_F(SinkServer, StopClosesWhateverIsOpen) {
  Profile profile;
  profile.latency = Millis(60'000);
  Options options;
  options.listeners = {Listener{}, Listener{.profile = profile}};
  auto server = start(std::move(options));
  RawPeer waiting(server->port(0));
  RawPeer late(server->port(1));
  EXPECT_THAT(waiting.reply(), StartsWith("220"));
  late.say("NOOP\r\n");
  for (int i = 0; i < 1000 && server->statistics().open != 2; ++i)
    std::this_thread::sleep_for(Millis(10));
  const auto begin = std::chrono::steady_clock::now();
  server->stop();
  server->stop();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, Millis(40'000));  // not the latency
  EXPECT_EQ(waiting.hear_out(), "");
  EXPECT_EQ(server->statistics().connections, 2U);
  EXPECT_EQ(server->statistics().open, 0U);
}

TEST_F(SinkServer, FaultsAtStartAreTold) {
  auto first = start();
  Options options;
  options.listeners[0].port = first->port();
  EXPECT_EQ(Server::start(options).error().code, "listen-failed");
  options.listeners[0] = {.address = "mail.example"};
  EXPECT_EQ(Server::start(options).error().code, "bad-address");
  EXPECT_EQ(Server::start({.book = {.log_file = "/nowhere/log"}}).error().code, "log-not-writable");
  EXPECT_EQ(Server::start({.cert_file = "/nowhere.pem", .key_file = "/nowhere.key"}).error().code,
            "tls-setup");
}

TEST_F(SinkServer, SpeaksWithPostfixSmtpSource) {
  auto server = start();
  const auto run =
      "smtp-source -s 10 -m 500 -r 3 -l 4096 -f a@b.example -t li@x.example 127.0.0.1:" +
      std::to_string(server->port());
  ASSERT_EQ(std::system(("PATH=$PATH:/usr/sbin timeout 60 " + run).c_str()), 0);
  const auto statistics = server->statistics();
  EXPECT_EQ(statistics.messages, 500U);
  EXPECT_EQ(statistics.recipients, 1500U);
  EXPECT_EQ(statistics.protocol_faults, 0U);
}

}  // namespace
}  // namespace hongyan::sink
