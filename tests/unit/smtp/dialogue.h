#pragma once

#include "engine/smtp/session.h"

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace hongyan::smtp::test {

class FakeDelivery final : public Delivery {
 public:
  explicit FakeDelivery(std::vector<std::string> rcpts, std::string text = "hi\r\n")
      : rcpts_(std::move(rcpts)), text_(std::move(text)) {}
  std::string_view sender() const override { return from; }
  std::span<const std::string> recipients() const override { return rcpts_; }
  bool needs_smtputf8() const override { return utf8; }
  std::size_t size() const override { return text_.size(); }
  std::span<const std::string_view> content() override {
    ++rendered;
    pieces_.clear();
    for (std::size_t at = 0; at < text_.size(); at += piece)
      pieces_.push_back(std::string_view(text_).substr(at, piece));
    return pieces_;
  }
  bool has_leading_dots() const override { return dots; }

  std::string from = "f@x";
  bool utf8 = false;
  bool dots = false;
  std::size_t piece = 1000;
  int rendered = 0;

 private:
  std::vector<std::string> rcpts_;
  std::string text_;
  std::vector<std::string_view> pieces_;
};

// One exchange: what the session must write ("" when it only reads), then what the server does:
// bytes, "(close)", "(timeout)", or "(cut N)": the write fails after N bytes and the peer is gone.
struct Turn {
  std::string written;
  std::string server;
};

// A session with a feed in memory, and the rules that hold in every dialogue whatever the server
// does: one outcome per recipient, at the end nothing is left, end-of-data only after leave.
class Dialogue {
 public:
  explicit Dialogue(Capabilities server, SessionOptions session_options = {})
      : options(std::move(session_options)), session(server, options, Stamps{}) {}

  FakeDelivery& add(std::vector<std::string> rcpts, std::string text = "hi\r\n") {
    waiting_.push_back(std::make_unique<FakeDelivery>(std::move(rcpts), std::move(text)));
    return *waiting_.back();
  }
  FakeDelivery& add(const char* rcpt) { return add(std::vector<std::string>{rcpt}); }

  // Plays to the end of the script; the session must then have closed.
  void play(const std::vector<Turn>& script) {
    for (const Turn& turn : script) {
      ASSERT_NE(action, Session::Action::kClose) << "before " << turn.written;
      if (!turn.written.empty()) {
        ASSERT_EQ(action, Session::Action::kWrite) << turn.written;
        std::string written;
        for (const auto piece : session.output()) written += piece;
        ASSERT_EQ(written, turn.written);
        if (turn.server.starts_with("(cut ")) {
          session.on_write_failed(std::stoul(turn.server.substr(5)), "reset-by-peer");
          step(session.on_lost("closed-by-peer", now()));
          continue;
        }
        step(session.on_written(now()));
      }
      ASSERT_EQ(action, Session::Action::kRead);
      if (turn.server == "(close)") {
        step(session.on_lost("closed-by-peer", now()));
      } else if (turn.server == "(timeout)") {
        step(session.on_lost("timeout", now()));
      } else {
        step(session.on_bytes(turn.server, now()));
      }
    }
    EXPECT_EQ(action, Session::Action::kClose);
    EXPECT_TRUE(taken_.empty()) << "a delivery was not settled";
  }

  // Answers takes and commits until the session wants the network.
  void step(Session::Action next) {
    action = next;
    for (;;) {
      if (action == Session::Action::kTakeNext) {
        FakeDelivery* delivery = take();
        action = delivery != nullptr ? session.on_delivery(*delivery, now()) : session.on_quit();
      } else if (action == Session::Action::kCommit) {
        for (const Settled& one : session.settled()) record(one);
        Delivery* const marked = session.to_mark();
        const bool granted = marked == nullptr || !refuse_leave;
        if (marked != nullptr) ++marks;
        if (marked != nullptr && !granted) taken_.erase(marked);
        const bool overlap = granted && marked != nullptr && session.may_overlap();
        action = session.on_commit(granted, overlap ? take() : nullptr, now());
      } else if (action == Session::Action::kRead && settle_early && session.has_early_outcome()) {
        EXPECT_EQ(session.to_mark(), nullptr);
        ++early_commits;
        action = Session::Action::kCommit;
      } else {
        return;
      }
    }
  }
  void start() { step(Session::Action::kTakeNext); }

  SessionOptions options;
  Session session;
  Session::Action action = Session::Action::kTakeNext;
  std::vector<RecipientOutcome> outcomes;
  std::vector<std::string> order;  // the recipients, in the order of `outcomes`
  bool refuse_leave = false;
  bool settle_early = false;
  int early_commits = 0;
  int marks = 0;

 private:
  static SteadyTime now() { return SteadyTime{std::chrono::hours(1)}; }
  FakeDelivery* take() {
    if (waiting_.empty()) return nullptr;
    FakeDelivery* delivery = waiting_.front().get();
    kept_.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
    taken_.insert(delivery);
    return delivery;
  }
  void record(const Settled& one) {
    ASSERT_EQ(taken_.erase(one.delivery), 1u) << "settled twice, or never taken";
    ASSERT_EQ(one.recipients.size(), one.delivery->recipients().size());
    for (std::size_t i = 0; i < one.recipients.size(); ++i) {
      outcomes.push_back(one.recipients[i]);
      order.push_back(one.delivery->recipients()[i]);
    }
  }

  std::deque<std::unique_ptr<FakeDelivery>> waiting_;
  std::vector<std::unique_ptr<FakeDelivery>> kept_;
  std::set<Delivery*> taken_;
};

inline std::string envelope(const std::string& rcpt) {
  return "MAIL FROM:<f@x>\r\nRCPT TO:<" + rcpt + ">\r\nDATA\r\n";
}
inline const std::string kContent = "hi\r\n.\r\n";
inline const std::string kEnvelopeAccepted = "250 m\r\n250 r\r\n354 d\r\n";
inline const Turn kQuit{"QUIT\r\n", "221 bye\r\n"};
inline const Capabilities kPipelining{.pipelining = true};
inline const Capabilities kChunking{.pipelining = true, .chunking = true};

}  // namespace hongyan::smtp::test
