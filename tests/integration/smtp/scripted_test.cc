// The driver against servers that misbehave: deadlines, early closes, stalls.
#include "tests/integration/smtp/support.h"

#include <gtest/gtest.h>

#include <chrono>
#include <sys/socket.h>

namespace hongyan::smtp::test {
namespace {

void greet(int fd, std::string_view capabilities = "250-x\r\n250 PIPELINING\r\n") {
  send_text(fd, "220 x\r\n");
  read_until(fd, "\r\n");
  send_text(fd, capabilities);
}

TEST(SmtpScripted, NobodyListeningIsAFailureToConnect) {
  ListFeed feed;
  const Visit visit = run_one(loopback(free_port()), feed);
  ASSERT_TRUE(visit.failure);
  EXPECT_EQ(visit.failure->cause, "connect-refused");
  EXPECT_EQ(visit.failure->stage, Stage::kConnect);
}

TEST(SmtpScripted, AForeignSourceAddressCannotBeBound) {
  ListFeed feed;
  Target target = loopback(free_port());
  target.endpoint.source = async::net::ip::make_address("192.0.2.1");
  const Visit visit = run_one(std::move(target), feed);
  ASSERT_TRUE(visit.failure);
  EXPECT_EQ(visit.failure->cause, "bind-failed");
}

TEST(SmtpScripted, TheSourceAddressIsWhatTheServerSees) {
  std::string peer;
  ScriptedServer server([&](int fd) {
    sockaddr_storage address{};
    socklen_t length = sizeof address;
    ::getpeername(fd, reinterpret_cast<sockaddr*>(&address), &length);
    peer = printable(address);
    send_text(fd, "554 no\r\n");
  });
  ListFeed feed;
  Target target = loopback(server.port());
  target.endpoint.source = async::net::ip::make_address("127.0.0.77");
  const Visit visit = run_one(std::move(target), feed);
  ASSERT_TRUE(visit.failure);
  EXPECT_EQ(visit.failure->reply.code, 554);
  EXPECT_EQ(peer, "127.0.0.77");
}

TEST(SmtpScripted, AServerThatNeverGreetsIsGivenUp) {
  ScriptedServer server([](int fd) { read_until(fd, "\r\n"); });
  ListFeed feed;
  Target target = loopback(server.port());
  target.options.limits.greeting = Millis{100};
  const Visit visit = run_one(std::move(target), feed);
  ASSERT_TRUE(visit.failure);
  EXPECT_EQ(visit.failure->cause, "timeout");
  EXPECT_EQ(visit.failure->stage, Stage::kGreeting);
}

TEST(SmtpScripted, BytesThatTrickleDoNotProlongTheLimit) {
  ScriptedServer server([](int fd) {
    for (int i = 0; i < 200; ++i) {
      send_text(fd, i == 0 ? "220-" : "x");
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      char byte;
      if (::recv(fd, &byte, 1, MSG_DONTWAIT) == 0) return;
    }
  });
  ListFeed feed;
  Target target = loopback(server.port());
  target.options.limits.greeting = Millis{200};
  const auto started = std::chrono::steady_clock::now();
  const Visit visit = run_one(std::move(target), feed);
  ASSERT_TRUE(visit.failure);
  EXPECT_EQ(visit.failure->cause, "timeout");
  EXPECT_LT(std::chrono::steady_clock::now() - started, std::chrono::seconds(3));
}

TEST(SmtpScripted, AStallAfterEndOfDataIsInDoubt) {
  ScriptedServer server([](int fd) {
    greet(fd);
    read_until(fd, "DATA\r\n");
    send_text(fd, "250 m\r\n250 r\r\n354 d\r\n");
    read_until(fd, "\r\n.\r\n");
    read_until(fd, "never");
  });
  ListFeed feed;
  feed.add("a@x.example");
  Target target = loopback(server.port());
  target.options.limits.end_of_data = Millis{150};
  const Visit visit = run_one(std::move(target), feed);
  ASSERT_FALSE(visit.failure);
  ASSERT_EQ(feed.outcomes.size(), 1u);
  EXPECT_EQ(feed.outcomes[0].verdict, Verdict::kInDoubt);
  EXPECT_EQ(feed.outcomes[0].cause, "timeout");
}

TEST(SmtpScripted, AServerThatStopsReadingIsUntriedAfterTheBlockLimit) {
  std::atomic<bool> over = false;
  ScriptedServer server([&](int fd) {
    greet(fd);
    read_until(fd, "DATA\r\n");
    send_text(fd, "250 m\r\n250 r\r\n354 d\r\n");
    while (!over) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  });
  ListFeed feed;
  feed.add("a@x.example", std::string(64, 'x') + "\r\n" + std::string(16 << 20, 'y') + "\r\n");
  Target target = loopback(server.port());
  target.options.limits.block = Millis{2};  // times 257 blocks
  target.options.limits.quit = Millis{50};
  const Visit visit = run_one(std::move(target), feed);
  over = true;
  ASSERT_EQ(feed.outcomes.size(), 1u);
  EXPECT_EQ(feed.outcomes[0].verdict, Verdict::kUntried);
  EXPECT_EQ(feed.outcomes[0].cause, "timeout");
}

TEST(SmtpScripted, ALargeMessageArrivesByteForByte) {
  std::string got;
  ScriptedServer server([&](int fd) {
    greet(fd);
    read_until(fd, "DATA\r\n");
    send_text(fd, "250 m\r\n250 r\r\n354 d\r\n");
    got = read_until(fd, "\r\n.\r\n");
    send_text(fd, "250 ok\r\n");
    read_until(fd, "QUIT\r\n");
    send_text(fd, "221 bye\r\n");
  });
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += "line " + std::to_string(i) + "\r\n";
  ListFeed feed;
  feed.add("a@x.example", text);
  run_one(loopback(server.port()), feed);
  ASSERT_EQ(feed.outcomes.size(), 1u);
  EXPECT_EQ(feed.outcomes[0].verdict, Verdict::kDelivered);
  EXPECT_TRUE(got == text + ".\r\n");
}

TEST(SmtpScripted, EndOfDataIsOnTheWireOnlyAfterLeave) {
  std::atomic<bool> leave_given = false;
  std::atomic<bool> early = false;
  ScriptedServer server([&](int fd) {
    greet(fd);
    read_until(fd, "DATA\r\n");
    send_text(fd, "250 m\r\n250 r\r\n354 d\r\n");
    char byte;
    ::recv(fd, &byte, 1, MSG_PEEK);
    early = !leave_given;
    read_until(fd, "\r\n.\r\n");
    send_text(fd, "250 ok\r\n");
    read_until(fd, "QUIT\r\n");
  });
  ListFeed feed;
  feed.add("a@x.example");
  feed.before_leave = [&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    leave_given = true;
  };
  run_one(loopback(server.port()), feed);
  EXPECT_TRUE(leave_given);
  EXPECT_FALSE(early);
}

TEST(SmtpScripted, WithoutLeaveTheServerSeesNothingButTheClose) {
  std::string rest = "unset";
  ScriptedServer server([&](int fd) {
    greet(fd);
    read_until(fd, "DATA\r\n");
    send_text(fd, "250 m\r\n250 r\r\n354 d\r\n");
    char buffer[64];
    const ssize_t size = ::recv(fd, buffer, sizeof buffer, 0);
    rest.assign(buffer, size > 0 ? static_cast<std::size_t>(size) : 0);
  });
  ListFeed feed;
  feed.add("a@x.example");
  feed.refuse_mark = 0;
  const Visit visit = run_one(loopback(server.port()), feed);
  EXPECT_EQ(visit.end.why, ConnectionEnd::Why::kLeaveRefused);
  EXPECT_TRUE(feed.outcomes.empty());
  while (server.connections() == 0) std::this_thread::yield();
  server.stop();
  EXPECT_EQ(rest, "");
}

TEST(SmtpScripted, AnIdleConnectionThatWasClosedCostsNoDelivery) {
  ScriptedServer server([](int fd) {
    greet(fd);
    send_text(fd, "");
  });
  ListFeed feed;
  feed.idle_once = [&] {
    server.stop();  // waits until the server has closed
    feed.add("a@x.example");
  };
  const Visit visit = run_one(loopback(server.port()), feed);
  ASSERT_FALSE(visit.failure);
  EXPECT_EQ(visit.end.why, ConnectionEnd::Why::kLost);
  EXPECT_EQ(visit.end.cause, "closed-by-peer");
  EXPECT_TRUE(feed.outcomes.empty());
}

}  // namespace
}  // namespace hongyan::smtp::test
