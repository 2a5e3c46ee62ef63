#pragma once

#include "sink/protocol.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>

namespace hongyan::sink {

// A protocol machine with its book, fed by hand. `say` keeps what the machine leaves unread, as the
// driver does.
class Conversation {
 public:
  using Step = Protocol::Step;

  explicit Conversation(Profile profile = {}, BookOptions options = {})
      : gate(std::move(profile)), book(std::move(*Book::open(options))) {
    open();
  }

  // A new connection to the same listener.
  std::string open() {
    machine = std::make_unique<Protocol>(gate, *book, ++number, "192.0.2.1");
    held.clear();
    std::string out;
    step = machine->greet(out);
    return out;
  }
  std::string say(std::string_view bytes) {
    held += bytes;
    std::string_view input = held;
    std::string out;
    step = machine->feed(input, out, clock.steady());
    held = std::string(input);
    return out;
  }
  // One byte at a time; stops when the machine wants more than bytes.
  std::string dribble(std::string_view bytes) {
    std::string out;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      out += say(bytes.substr(i, 1));
      if (step != Step::kRead) break;
    }
    return out;
  }
  // EHLO and an envelope for `recipient`; returns the reply to RCPT.
  std::string envelope(std::string_view recipient) {
    say("EHLO me\r\n");
    say("MAIL FROM:<a@b.example>\r\n");
    return say("RCPT TO:<" + std::string(recipient) + ">\r\n");
  }
  const Statistics& statistics() const { return book->statistics(); }

  ManualClock clock;
  Gate gate;
  std::unique_ptr<Book> book;
  std::unique_ptr<Protocol> machine;
  std::uint64_t number = 0;
  std::string held;
  Step step = Step::kRead;
};

}  // namespace hongyan::sink
