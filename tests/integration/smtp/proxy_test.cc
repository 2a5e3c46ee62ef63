// Connections through an outbound proxy: one of ours that reads the header, connects from the
// address it names to the address it names, and passes bytes on, or misbehaves.
#include "tests/integration/smtp/support.h"

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <array>
#include <cstring>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace hongyan::smtp::test {
namespace {

using async::net::ip::make_address;

constexpr std::size_t kIpv4Header = 28;

std::string read_header(int fd) {
  std::string header(kIpv4Header, '\0');
  const ssize_t size = ::recv(fd, header.data(), header.size(), MSG_WAITALL);
  header.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  return header;
}

// What an IPv4 header says must be done: -1 when it fails.
int connect_as_told(const std::string& header) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in from{}, to{};
  from.sin_family = to.sin_family = AF_INET;
  std::memcpy(&from.sin_addr, header.data() + 16, 4);
  std::memcpy(&to.sin_addr, header.data() + 20, 4);
  std::memcpy(&to.sin_port, header.data() + 26, 2);
  if (::bind(fd, reinterpret_cast<sockaddr*>(&from), sizeof from) == 0 &&
      ::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0)
    return fd;
  ::close(fd);
  return -1;
}

void pass_on(int one, int other) {
  std::array<pollfd, 2> fds{pollfd{one, POLLIN, 0}, pollfd{other, POLLIN, 0}};
  std::array<char, 4096> buffer;
  while (::poll(fds.data(), fds.size(), 10'000) > 0) {
    for (std::size_t i = 0; i < 2; ++i) {
      if (fds[i].revents == 0) continue;
      const ssize_t size = ::recv(fds[i].fd, buffer.data(), buffer.size(), 0);
      if (size <= 0) return;
      send_text(fds[1 - i].fd, {buffer.data(), static_cast<std::size_t>(size)});
    }
  }
}

Target through(const ScriptedServer& proxy, std::uint16_t receiver) {
  Target target = loopback(receiver);
  target.endpoint.source = make_address("127.0.0.77");
  target.endpoint.proxy = {make_address("127.0.0.1"), proxy.port()};
  return target;
}

TEST(SmtpProxy, TheReceiverSeesTheSourcesAddressAndGetsTheMessage) {
  std::string header, peer;
  ScriptedServer receiver([&](int fd) {
    sockaddr_storage address{};
    socklen_t length = sizeof address;
    ::getpeername(fd, reinterpret_cast<sockaddr*>(&address), &length);
    peer = printable(address);
    send_text(fd, "220 x\r\n");
    read_until(fd, "\r\n");
    send_text(fd, "250-x\r\n250 PIPELINING\r\n");
    read_until(fd, "DATA\r\n");
    send_text(fd, "250 m\r\n250 r\r\n354 d\r\n");
    read_until(fd, "\r\n.\r\n");
    send_text(fd, "250 kept\r\n");
    read_until(fd, "QUIT\r\n");
    send_text(fd, "221 bye\r\n");
  });
  ScriptedServer proxy([&](int fd) {
    header = read_header(fd);
    const int out = connect_as_told(header);
    ASSERT_GE(out, 0);
    pass_on(fd, out);
    ::close(out);
  });
  ListFeed feed;
  feed.add("li@example.cn");
  const Visit visit = run_one(through(proxy, receiver.port()), feed);
  proxy.stop();
  EXPECT_FALSE(visit.failure);
  ASSERT_EQ(feed.outcomes.size(), 1U);
  EXPECT_EQ(feed.outcomes[0].verdict, Verdict::kDelivered);
  EXPECT_EQ(peer, "127.0.0.77");
  std::string expected("\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\x7f\0\0\x4d\x7f\0\0\x01\0\0", 26);
  expected += static_cast<char>(receiver.port() >> 8U);
  expected += static_cast<char>(receiver.port() & 0xffU);
  EXPECT_EQ(header, expected);
}

TEST(SmtpProxy, NobodyAtTheProxysAddressIsTheProxysFailure) {
  ListFeed feed;
  Target target = loopback(free_port());
  target.endpoint.source = make_address("127.0.0.77");
  const std::uint16_t port = free_port();
  target.endpoint.proxy = {make_address("127.0.0.1"), port};
  const Visit visit = run_one(std::move(target), feed);
  ASSERT_TRUE(visit.failure);
  EXPECT_EQ(visit.failure->stage, Stage::kConnect);
  EXPECT_EQ(visit.failure->cause, "proxy-unreachable");
  EXPECT_EQ(visit.failure->detail,
            "proxy 127.0.0.1:" + std::to_string(port) + ": Connection refused");
}

TEST(SmtpProxy, WithoutAnAddressToConnectFromNothingIsTried) {
  ScriptedServer proxy([](int fd) { read_header(fd); });
  ListFeed feed;
  Target target = through(proxy, 25);
  target.endpoint.source = make_address("::1");
  const Visit visit = run_one(std::move(target), feed);
  ASSERT_TRUE(visit.failure);
  EXPECT_EQ(visit.failure->cause, "bind-failed");
  EXPECT_EQ(proxy.connections(), 0);
}

class SilentProxy : public testing::TestWithParam<bool> {};

TEST_P(SilentProxy, EndingBeforeAByteCameThroughIsNobodysAnswer) {
  ScriptedServer proxy([](int fd) {
    read_header(fd);
    char byte;
    ::recv(fd, &byte, 1, MSG_DONTWAIT);
  });
  ListFeed feed;
  Target target = through(proxy, 25);
  target.options.implicit_tls = GetParam();
  if (GetParam()) target.options.tls = TlsMode::kRequired;
  const Visit visit = run_one(std::move(target), feed);
  ASSERT_TRUE(visit.failure);
  EXPECT_EQ(visit.failure->stage, Stage::kConnect);
  EXPECT_EQ(visit.failure->cause, "proxy-silent") << visit.failure->detail;
  EXPECT_EQ(visit.failure->reply.code, 0);
}

INSTANTIATE_TEST_SUITE_P(InClearAndTlsFromTheFirstByte, SilentProxy, testing::Bool());

TEST(SmtpProxy, WaitingForABannerThatDoesNotComeIsBounded) {
  ScriptedServer proxy([](int fd) { read_until(fd, "never"); });
  ListFeed feed;
  Target target = through(proxy, 25);
  target.options.limits.greeting = Millis{100};
  const Visit visit = run_one(std::move(target), feed);
  ASSERT_TRUE(visit.failure);
  EXPECT_EQ(visit.failure->cause, "proxy-silent");
  EXPECT_EQ(visit.failure->detail, "timeout before any byte came through");
}

TEST(SmtpProxy, WhatTheReceiverSaysStaysTheReceivers) {
  ScriptedServer proxy([](int fd) {
    read_header(fd);
    send_text(fd, "554 5.7.1 not you\r\n");
  });
  ListFeed feed;
  const Visit visit = run_one(through(proxy, 25), feed);
  ASSERT_TRUE(visit.failure);
  EXPECT_EQ(visit.failure->cause, "refused");
  EXPECT_EQ(visit.failure->reply.code, 554);
}

TEST(SmtpProxy, HalfAGreetingCameFromTheReceiver) {
  ScriptedServer proxy([](int fd) {
    read_header(fd);
    send_text(fd, "22");
  });
  ListFeed feed;
  const Visit visit = run_one(through(proxy, 25), feed);
  ASSERT_TRUE(visit.failure);
  EXPECT_EQ(visit.failure->cause, "closed-by-peer");
  EXPECT_EQ(visit.failure->stage, Stage::kGreeting);
}

}  // namespace
}  // namespace hongyan::smtp::test
