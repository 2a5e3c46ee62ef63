#pragma once

#include "base/async/task.h"
#include "engine/smtp/connection.h"
#include "engine/smtp/feed.h"
#include "engine/smtp/tls.h"

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <sys/socket.h>
#include <sys/types.h>
#include <thread>
#include <utility>
#include <vector>

namespace hongyan::smtp::test {

class TextDelivery final : public Delivery {
 public:
  TextDelivery(std::string rcpt, std::string text)
      : rcpts_{std::move(rcpt)}, text_(std::move(text)), pieces_{text_} {}
  std::string_view sender() const override { return "news@acme.example"; }
  std::span<const std::string> recipients() const override { return rcpts_; }
  bool needs_smtputf8() const override { return false; }
  std::size_t size() const override { return text_.size(); }
  std::span<const std::string_view> content() override { return pieces_; }

 private:
  std::vector<std::string> rcpts_;
  std::string text_;
  std::vector<std::string_view> pieces_;
};

// Hands out what it was given, in order; commit returns at once.
class ListFeed final : public Feed {
 public:
  void add(std::string rcpt, std::string text = "Subject: x\r\n\r\nhello\r\n") {
    waiting_.push_back(std::make_unique<TextDelivery>(std::move(rcpt), std::move(text)));
  }
  Delivery* next() override;
  async::Task<bool> commit(std::span<const Settled> settled, Delivery* to_mark) override;
  // False, but for the first time when there is something to do while idle.
  async::Task<bool> wait() override {
    if (!idle_once) co_return false;
    std::exchange(idle_once, nullptr)();
    co_return true;
  }

  std::vector<RecipientOutcome> outcomes;
  std::vector<std::string> outcome_of;  // the recipients, in the order of `outcomes`
  int marks = 0;
  int refuse_mark = -1;                // the n-th mark (from 0) is refused
  std::function<void()> before_leave;  // runs inside every commit that marks
  std::function<void()> idle_once;

 private:
  std::deque<std::unique_ptr<TextDelivery>> waiting_;
  std::vector<std::unique_ptr<TextDelivery>> taken_;
};

// A server for one test: plays a script against every connection, in a thread of its own.
class ScriptedServer {
 public:
  // Runs per accepted connection; the descriptor is closed afterwards.
  using Script = std::function<void(int fd)>;
  explicit ScriptedServer(Script script);
  ~ScriptedServer();
  // Waits for the script that runs now; no connection is taken any more.
  void stop();
  std::uint16_t port() const { return port_; }
  int connections() const { return connections_; }

 private:
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<int> connections_ = 0;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

void send_text(int fd, std::string_view text);
// Reads up to and including `end`; empty when the peer closed first.
std::string read_until(int fd, std::string_view end);

// The address, without the port.
std::string printable(const sockaddr_storage& address);

// A child process, ended with the object.
class Child {
 public:
  explicit Child(std::vector<std::string> command);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

 private:
  pid_t pid_;
};

std::uint16_t free_port();
// True as soon as somebody accepts on the port; false after ten seconds.
bool wait_for_listener(std::uint16_t port);

struct Visit {
  std::optional<OpenFailure> failure;
  ConnectionEnd end;
  std::string tls;
};
// Opens one connection and runs the feed to its end.
Visit run_one(Target target, Feed& feed, TlsContexts& tls);
Visit run_one(Target target, Feed& feed, const std::string& ca_file = {});
Target loopback(std::uint16_t port);

}  // namespace hongyan::smtp::test
