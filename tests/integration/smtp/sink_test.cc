// Against Postfix' smtp-sink, a receiver we did not write.
#include "tests/integration/smtp/support.h"

#include <gtest/gtest.h>

#include <unistd.h>

namespace hongyan::smtp::test {
namespace {

class Sink {
 public:
  explicit Sink(std::vector<std::string> flags = {}) : port_(free_port()) {
    std::vector<std::string> command{"/usr/sbin/smtp-sink"};
    if (::geteuid() == 0) command.insert(command.end(), {"-u", "postfix"});
    command.insert(command.end(), flags.begin(), flags.end());
    command.insert(command.end(), {"127.0.0.1:" + std::to_string(port_), "128"});
    child_.emplace(std::move(command));
    up_ = wait_for_listener(port_);
  }
  bool up() const { return up_; }
  std::uint16_t port() const { return port_; }

 private:
  std::uint16_t port_;
  std::optional<Child> child_;
  bool up_ = false;
};

TEST(SmtpSink, ThousandsOfMessagesOverOneConnection) {
  const Sink sink;
  ASSERT_TRUE(sink.up());
  ListFeed feed;
  constexpr int kMessages = 2000;
  for (int i = 0; i < kMessages; ++i)
    feed.add("u" + std::to_string(i) + "@b.example",
             "Subject: x\r\n\r\n" + std::string(900, 'x') + "\r\n");
  const Visit run = run_one(loopback(sink.port()), feed);
  ASSERT_FALSE(run.failure);
  ASSERT_EQ(feed.outcomes.size(), kMessages);
  for (int i = 0; i < kMessages; ++i) {
    ASSERT_EQ(feed.outcomes[i].verdict, Verdict::kDelivered);
    ASSERT_EQ(feed.outcome_of[i], "u" + std::to_string(i) + "@b.example");
  }
  EXPECT_EQ(run.end.why, ConnectionEnd::Why::kDone);
  EXPECT_EQ(run.end.messages, kMessages);
  EXPECT_EQ(feed.marks, kMessages);
}

TEST(SmtpSink, RefusedRecipientsBounceAndTheConnectionGoesOn) {
  const Sink sink({"-f", "RCPT"});  // 500 to every RCPT
  ASSERT_TRUE(sink.up());
  ListFeed feed;
  for (int i = 0; i < 5; ++i) feed.add("u@b.example");
  const Visit run = run_one(loopback(sink.port()), feed);
  ASSERT_FALSE(run.failure);
  ASSERT_EQ(feed.outcomes.size(), 5u);
  for (const auto& outcome : feed.outcomes) {
    EXPECT_EQ(outcome.verdict, Verdict::kBounced);
    EXPECT_EQ(outcome.stage, Stage::kRcpt);
  }
  EXPECT_EQ(feed.marks, 0);
}

TEST(SmtpSink, SoftRefusalOfContentDefers) {
  const Sink sink({"-r", "."});
  ASSERT_TRUE(sink.up());
  ListFeed feed;
  for (int i = 0; i < 3; ++i) feed.add("u@b.example");
  run_one(loopback(sink.port()), feed);
  ASSERT_EQ(feed.outcomes.size(), 3u);
  for (const auto& outcome : feed.outcomes) {
    EXPECT_EQ(outcome.verdict, Verdict::kDeferred);
    EXPECT_EQ(outcome.stage, Stage::kContent);
  }
}

TEST(SmtpSink, WithoutPipeliningOrEhlo) {
  for (const char* flag : {"-p", "-e"}) {
    const Sink sink({flag});
    ASSERT_TRUE(sink.up());
    ListFeed feed;
    for (int i = 0; i < 20; ++i) feed.add("u@b.example");
    const Visit run = run_one(loopback(sink.port()), feed);
    ASSERT_FALSE(run.failure) << flag << run.failure->cause;
    ASSERT_EQ(feed.outcomes.size(), 20u);
    for (const auto& outcome : feed.outcomes) EXPECT_EQ(outcome.verdict, Verdict::kDelivered);
  }
}

TEST(SmtpSink, DisconnectAfterDataIsUntriedNotInDoubt) {
  const Sink sink({"-q", "DATA"});
  ASSERT_TRUE(sink.up());
  ListFeed feed;
  feed.add("u@b.example");
  const Visit run = run_one(loopback(sink.port()), feed);
  ASSERT_FALSE(run.failure);
  ASSERT_EQ(feed.outcomes.size(), 1u);
  EXPECT_EQ(feed.outcomes[0].verdict, Verdict::kUntried);
  EXPECT_EQ(run.end.why, ConnectionEnd::Why::kLost);
}

}  // namespace
}  // namespace hongyan::smtp::test
