#include "engine/smtp/deliver.h"

#include "base/async/task_group.h"
#include "tests/integration/smtp/support.h"

#include <boost/asio/co_spawn.hpp>
#include <gtest/gtest.h>

namespace hongyan::smtp::test {
namespace {

void take_one_by_chunk(int fd, std::string* got) {
  send_text(fd, "220 x\r\n");
  read_until(fd, "\r\n");
  send_text(fd, "250-x\r\n250-PIPELINING\r\n250 CHUNKING\r\n");
  read_until(fd, "RCPT TO:<b@x.example>\r\n");
  send_text(fd, "250 m\r\n250 a\r\n550 5.1.1 no such user\r\n");
  *got = read_until(fd, ".end\r\n");
  send_text(fd, "250 2.0.0 queued\r\n");
  read_until(fd, "QUIT\r\n");
  send_text(fd, "221 bye\r\n");
}

DeliverRequest request_for(std::uint16_t port) {
  DeliverRequest request;
  request.host = "127.0.0.1";
  request.port = port;
  request.sender = "f@acme.example";
  request.recipients = {"a@x.example", "b@x.example"};
  request.content = *normalise_content("Subject: x\n\n.end");
  request.options.ehlo_name = "me.example";
  return request;
}

TEST(DeliverByHand, EveryRecipientGetsItsOutcomeAndChunksAreNotStuffed) {
  std::string got;
  ScriptedServer server([&](int fd) { take_one_by_chunk(fd, &got); });
  const auto outcomes = deliver(request_for(server.port()));
  server.stop();
  ASSERT_TRUE(outcomes);
  ASSERT_EQ(outcomes->size(), 2u);
  EXPECT_EQ((*outcomes)[0].verdict, Verdict::kDelivered);
  EXPECT_EQ((*outcomes)[1].verdict, Verdict::kBounced);
  EXPECT_EQ((*outcomes)[1].reply.enhanced, "5.1.1");
  EXPECT_EQ(got, "BDAT 20 LAST\r\nSubject: x\r\n\r\n.end\r\n");
}

TEST(DeliverByHand, AConnectionThatCannotBeOpenedIsUntriedForAll) {
  const auto outcomes = deliver(request_for(free_port()));
  ASSERT_TRUE(outcomes);
  ASSERT_EQ(outcomes->size(), 2u);
  for (const auto& outcome : *outcomes) {
    EXPECT_EQ(outcome.verdict, Verdict::kUntried);
    EXPECT_TRUE(outcome.cause.starts_with("connect-refused"));
  }
}

async::Task<> run_until_cancelled(std::uint16_t port, ListFeed* feed, TlsContexts* tls,
                                  ConnectionEnd* end) {
  Connection connection(co_await async::net::this_coro::executor, *tls);
  const auto opened = co_await connection.open(loopback(port));
  if (opened) *end = co_await connection.run(*feed);
}

async::Task<> cancel_when(std::atomic<bool>* reached, async::TaskGroup* group) {
  while (!*reached) co_await async::sleep_for(std::chrono::milliseconds(5));
  co_await group->stop();
}

TEST(Cancellation, WhatIsOnTheWireIsSettledAsInDoubt) {
  std::atomic<bool> reached = false;
  ScriptedServer server([&](int fd) {
    send_text(fd, "220 x\r\n");
    read_until(fd, "\r\n");
    send_text(fd, "250-x\r\n250 PIPELINING\r\n");
    read_until(fd, "DATA\r\n");
    send_text(fd, "250 m\r\n250 r\r\n354 d\r\n");
    read_until(fd, "\r\n.\r\n");
    reached = true;
    read_until(fd, "never");
  });
  async::net::io_context io(1);
  TlsContexts tls;
  ListFeed feed;
  feed.add("a@x.example");
  feed.add("b@x.example");
  ConnectionEnd end;
  async::TaskGroup group(io.get_executor(), "connections");
  group.spawn(run_until_cancelled(server.port(), &feed, &tls, &end));
  async::net::co_spawn(io.get_executor(), cancel_when(&reached, &group),
                       [](const std::exception_ptr&) {});
  io.run();
  ASSERT_EQ(feed.outcomes.size(), 2u);
  EXPECT_EQ(feed.outcomes[0].verdict, Verdict::kInDoubt);
  EXPECT_EQ(feed.outcomes[0].cause, "cancelled");
  EXPECT_EQ(feed.outcomes[1].verdict, Verdict::kUntried);
  EXPECT_EQ(end.cause, "cancelled");
}

}  // namespace
}  // namespace hongyan::smtp::test
