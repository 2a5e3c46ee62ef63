#include "base/http/server.h"

#include <boost/asio.hpp>
#include <gmock/gmock.h>

#include <future>
#include <stdexcept>
#include <thread>

namespace hongyan::http {
namespace {

namespace net = boost::asio;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

async::Task<Reply> hello(const Request&) {
  co_return Reply{200, "hello\n"};
}
async::Task<Reply> away(const Request&) {
  co_return Reply{503, "redis is away\n"};
}
async::Task<Reply> sleeps(const Request&) {
  co_await async::sleep_for(std::chrono::hours(1));
  co_return Reply{200, "late\n"};
}
async::Task<Reply> throws(const Request&) {
  throw std::runtime_error("a bug");
  co_return Reply{};
}

// A server on a thread of its own; clients are plain blocking sockets.
class HttpServerTest : public testing::Test {
 protected:
  void start(Options options = {}) {
    options.listen = "127.0.0.1:0";
    server_ = std::make_unique<Server>(io_.get_executor(), options,
                                       std::vector<Route>{{"/metrics", hello},
                                                          {"/readyz", away},
                                                          {"/slow", sleeps},
                                                          {"/bug", throws},
                                                          {"/metrics/billing", hello, true}});
    const auto port = server_->open();
    ASSERT_TRUE(port) << port.error().detail;
    port_ = *port;
    thread_ = std::jthread([this] { io_.run(); });
  }

  void TearDown() override {
    if (!server_) return;
    net::co_spawn(io_, server_->stop(), net::use_future).get();
    EXPECT_EQ(server_->connections(), 0U);
    thread_.join();  // nothing is left to run
  }

  net::ip::tcp::socket connect() {
    net::ip::tcp::socket socket(clients_);
    socket.connect({net::ip::address_v4::loopback(), port_});
    return socket;
  }

  static std::string read_all(net::ip::tcp::socket& socket) {
    std::string text;
    boost::system::error_code error;
    net::read(socket, net::dynamic_buffer(text), error);
    return text;
  }

  std::string ask(const std::string& request) {
    auto socket = connect();
    boost::system::error_code error;  // a refused request may be answered before it is all sent
    net::write(socket, net::buffer(request), error);
    return read_all(socket);
  }

  std::string get(const std::string& path, const std::string& fields = "",
                  const std::string& method = "GET") {
    return ask(method + " " + path + " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n" + fields +
               "\r\n");
  }

  net::io_context io_{1};
  net::io_context clients_;
  std::unique_ptr<Server> server_;
  unsigned short port_ = 0;
  std::jthread thread_;
};

TEST_F(HttpServerTest, GetGivesTheHandlersReply) {
  start();
  EXPECT_THAT(get("/metrics?x=1"), AllOf(StartsWith("HTTP/1.1 200 OK\r\n"), EndsWith("hello\n")));
  EXPECT_THAT(get("/readyz"), AllOf(StartsWith("HTTP/1.1 503 "), EndsWith("redis is away\n")));
}

TEST_F(HttpServerTest, HeadHasTheLengthAndNoBody) {
  start();
  EXPECT_THAT(get("/metrics", "", "HEAD"),
              AllOf(StartsWith("HTTP/1.1 200 OK\r\n"), HasSubstr("Content-Length: 6\r\n"),
                    EndsWith("\r\n\r\n")));
}

TEST_F(HttpServerTest, UnknownPathAndMethodAreRefused) {
  start();
  EXPECT_THAT(get("/metricsx"), StartsWith("HTTP/1.1 404 "));
  EXPECT_THAT(get("/../etc/passwd"), StartsWith("HTTP/1.1 404 "));
  EXPECT_THAT(get("/metrics", "", "DELETE"),
              AllOf(StartsWith("HTTP/1.1 405 "), HasSubstr("Allow: GET, HEAD\r\n")));
}

TEST_F(HttpServerTest, BillingAsksForTheToken) {
  start({.bearer_token = "secret"});
  EXPECT_THAT(get("/metrics/billing"),
              AllOf(StartsWith("HTTP/1.1 401 "), HasSubstr("WWW-Authenticate: Bearer")));
  EXPECT_THAT(get("/metrics/billing", "Authorization: Bearer secre\r\n"), HasSubstr(" 401 "));
  EXPECT_THAT(get("/metrics/billing", "Authorization: Basic secret\r\n"), HasSubstr(" 401 "));
  EXPECT_THAT(get("/metrics/billing", "Authorization: Bearer \r\n"), HasSubstr(" 401 "));
  EXPECT_THAT(get("/metrics/billing", "Authorization: bearer secret\r\n"), HasSubstr(" 200 "));
  EXPECT_THAT(get("/metrics"), HasSubstr(" 200 "));
}

TEST_F(HttpServerTest, BillingIsOpenWithoutATokenConfigured) {
  start();
  EXPECT_THAT(get("/metrics/billing"), HasSubstr(" 200 "));
}

TEST_F(HttpServerTest, ConnectionIsKeptForTheNextRequest) {
  start();
  auto socket = connect();
  net::write(socket, net::buffer(std::string("GET /metrics HTTP/1.1\r\nHost: h\r\n\r\n"
                                             "GET /metrics HTTP/1.0\r\n\r\n")));
  const std::string text = read_all(socket);
  EXPECT_EQ(text.find("hello\n"), text.rfind("hello\n", text.size() - 7));
  EXPECT_THAT(text, EndsWith("hello\n"));
}

TEST_F(HttpServerTest, NonsenseIsABadRequest) {
  start();
  EXPECT_THAT(ask("\x16\x03\x01 hello\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(ask("GET /metrics HTTP/9.9\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(get("/metrics"), HasSubstr(" 200 "));
}

TEST_F(HttpServerTest, RequestsAreBounded) {
  start();
  EXPECT_THAT(get("/metrics", "X: " + std::string(20'000, 'x') + "\r\n"), Not(HasSubstr(" 200 ")));
  EXPECT_THAT(get("/metrics", "Content-Length: 5\r\n"), StartsWith("HTTP/1.1 413 "));
}

TEST_F(HttpServerTest, DribblingClientIsCutOff) {
  start({.request_timeout = std::chrono::milliseconds(300)});
  auto socket = connect();
  boost::system::error_code error;
  // Every byte comes well within the timeout; the request as a whole does not. Bounded at 30 s.
  for (int i = 0; i < 600 && !error; ++i) {
    net::write(socket, net::buffer("G", 1), error);
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  EXPECT_TRUE(error);
  EXPECT_THAT(get("/metrics"), HasSubstr(" 200 "));
}

TEST_F(HttpServerTest, ConnectionsAreBoundedAndTheNextOneWaits) {
  start({.max_connections = 1, .request_timeout = std::chrono::milliseconds(300)});
  auto idle = connect();
  EXPECT_THAT(get("/metrics"), HasSubstr(" 200 "));  // once the idle one has been cut off
  EXPECT_THAT(read_all(idle), IsEmpty());
}

TEST_F(HttpServerTest, EscapedExceptionClosesThatConnectionOnly) {
  start();
  EXPECT_THAT(get("/bug"), IsEmpty());
  EXPECT_THAT(get("/metrics"), HasSubstr(" 200 "));
}

TEST_F(HttpServerTest, StopEndsIdleAndWaitingConnections) {
  start();
  auto idle = connect();
  auto waiting = connect();
  net::write(waiting, net::buffer(std::string("GET /slow HTTP/1.1\r\nHost: h\r\n\r\n")));
  EXPECT_THAT(get("/metrics"), HasSubstr(" 200 "));  // both before it have been accepted
}  // TearDown stops the server: it would hang here for an hour

TEST(HttpServerOpen, AddressInUseOrWrongIsAnError) {
  net::io_context io;
  Server bad(io.get_executor(), {.listen = "localhost:1"}, {});
  EXPECT_EQ(bad.open().error().code, "bad-address");
  net::ip::tcp::acceptor taken(io, {net::ip::address_v4::loopback(), 0});
  Server second(io.get_executor(),
                {.listen = "127.0.0.1:" + std::to_string(taken.local_endpoint().port())}, {});
  EXPECT_EQ(second.open().error().code, "listen-failed");
}

}  // namespace
}  // namespace hongyan::http
