#include "engine/inbound/server.h"

#include "tests/integration/sink/raw_peer.h"

#include <boost/asio.hpp>
#include <gmock/gmock.h>

#include <future>
#include <mutex>
#include <thread>

namespace hongyan::inbound {
namespace {

namespace net = boost::asio;
using sink::RawPeer;
using testing::Contains;
using testing::StartsWith;
using namespace std::chrono_literals;

constexpr std::string_view kEnvelope = "EHLO me\r\nMAIL FROM:<>\r\nRCPT TO:<a@x>\r\nDATA\r\n";

// A server on a thread of its own; clients are plain blocking sockets.
class InboundServerTest : public testing::Test {
 protected:
  void start(ServerOptions options = {}, Server::Take take = {}) {
    options.listen = "127.0.0.1:0";
    options.session.host = "in.acme.example";
    options.session.max_bytes = 1 << 20;
    if (!take) take = [this](ReceivedMail mail) { return stored(std::move(mail)); };
    server_ =
        std::make_unique<Server>(io_.get_executor(), options,
                                 Desk{.admit = [](std::string_view) { return Admission::kTaken; },
                                      .note_refusal =
                                          [this](std::string_view reason) {
                                            const std::lock_guard lock(mutex_);
                                            notes_.emplace_back(reason);
                                          }},
                                 std::move(take));
    const auto port = server_->open();
    ASSERT_TRUE(port) << port.error().detail;
    port_ = *port;
    thread_ = std::jthread([this] { io_.run(); });
  }
  void TearDown() override { stop(); }
  void stop() {
    if (!thread_.joinable()) return;
    net::co_spawn(io_, server_->stop(), net::use_future).get();
    EXPECT_EQ(server_->connections(), 0U);
    thread_.join();  // nothing is left to run
  }
  async::Task<std::vector<std::string>> stored(ReceivedMail mail) {
    const std::lock_guard lock(mutex_);
    fronts_.push_back(mail.front);
    co_return std::vector<std::string>(mail.recipients.size(), "250 2.0.0 taken");
  }
  async::Task<std::vector<std::string>> taken_in_an_hour() {
    asked_.set_value();
    co_await async::sleep_for(1h);
    co_return std::vector<std::string>{"250 2.0.0 taken"};
  }
  std::vector<std::string> notes() {
    const std::lock_guard lock(mutex_);
    return notes_;
  }
  bool is_noted(const std::string& reason) {
    for (int i = 0; i < 400; ++i) {
      if (const auto all = notes(); std::ranges::find(all, reason) != all.end()) return true;
      std::this_thread::sleep_for(50ms);
    }
    return false;
  }

  net::io_context io_{1};
  std::unique_ptr<Server> server_;
  std::mutex mutex_;
  std::vector<std::string> notes_;
  std::vector<std::string> fronts_;
  std::promise<void> asked_;
  unsigned short port_ = 0;
  std::jthread thread_;
};

TEST_F(InboundServerTest, MailsOfOneConnectionAreTakenInOrder) {
  start();
  RawPeer peer(port_);
  EXPECT_THAT(peer.reply(), StartsWith("220 in.acme.example"));
  // Everything at once, as RFC 2920 allows but for DATA.
  peer.say(std::string(kEnvelope) + "one\r\n.\r\nMAIL FROM:<>\r\nRCPT TO:<b@x>\r\nDATA\r\n" +
           std::string(100'000, 'x') + "\r\n.\r\nQUIT\r\n");
  EXPECT_THAT(peer.hear_out(), testing::AllOf(testing::HasSubstr("250 2.0.0 taken\r\n250 2.1.0"),
                                              testing::EndsWith("bye\r\n")));
  EXPECT_TRUE(peer.ended());
  ASSERT_EQ(fronts_.size(), 2U);
  EXPECT_EQ(fronts_[0], "one\r\n");
  EXPECT_EQ(fronts_[1].size(), 100'002U);
}

TEST_F(InboundServerTest, NothingIsSaidBeforeTheMailIsStored) {
  start({}, [this](ReceivedMail) { return taken_in_an_hour(); });
  RawPeer peer(port_);
  peer.say(std::string(kEnvelope) + "one\r\n.\r\n");
  asked_.get_future().wait();
  peer.hear_until("354 go ahead\r\n");
  EXPECT_TRUE(peer.silent_for(100));
  stop();  // is not kept by it, and the sender hears no success
  EXPECT_THAT(peer.hear_out(), StartsWith("421 4.3.2"));
}

TEST_F(InboundServerTest, SlowPeersAreCutOff) {
  ServerOptions options;
  options.command_timeout = options.content_timeout = 300ms;
  start(options);
  RawPeer idle(port_);
  RawPeer dripping(port_);
  RawPeer reading(port_);
  idle.reply();
  reading.say(kEnvelope);
  reading.hear_until("354 go ahead\r\n");
  // A byte now and then is no progress.
  std::jthread drip([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      dripping.say("N");
      reading.say("line\r\n");
      std::this_thread::sleep_for(50ms);
    }
  });
  EXPECT_EQ(idle.hear_out(), "");
  EXPECT_TRUE(idle.ended());
  dripping.hear_out();
  EXPECT_TRUE(dripping.ended());
  reading.hear_out();
  EXPECT_TRUE(reading.ended());
  drip.request_stop();
  EXPECT_TRUE(is_noted("too-slow"));
  EXPECT_TRUE(fronts_.empty());
}

TEST_F(InboundServerTest, NoAddressTakesMoreThanHalfOfTheConnections) {
  ServerOptions options;
  options.max_connections = 4;
  start(options);
  RawPeer one(port_);
  RawPeer two(port_);
  EXPECT_THAT(one.reply(), StartsWith("220"));
  EXPECT_THAT(two.reply(), StartsWith("220"));
  RawPeer three(port_);
  EXPECT_THAT(three.hear_out(), StartsWith("421 4.3.2"));
  EXPECT_TRUE(is_noted("too-many-connections"));
  one.ask("QUIT\r\n");
  one.hear_out();
  for (int i = 0; i < 200; ++i) {  // its place comes free a moment after it has seen the end
    RawPeer four(port_);
    if (four.reply().starts_with("220")) return;
    std::this_thread::sleep_for(20ms);
  }
  FAIL() << "no room after one has left";
}

TEST_F(InboundServerTest, FaultsOfTheConfigurationAreNamed) {
  Server bad_address(io_.get_executor(), {.listen = "nowhere"}, {}, {});
  EXPECT_EQ(bad_address.open().error().code, "bad-address");
  Server bad_certificate(
      io_.get_executor(),
      {.listen = "127.0.0.1:0", .certificate_file = "/nowhere.pem", .key_file = "/nowhere.key"}, {},
      {});
  EXPECT_EQ(bad_certificate.open().error().code, "bad-certificate");
}

}  // namespace
}  // namespace hongyan::inbound
