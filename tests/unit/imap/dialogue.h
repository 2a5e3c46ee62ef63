#pragma once

#include "mailbox/imap/session.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace hongyan::imap::test {

// A session and the server's half of a transcript, torn into pieces of `step` bytes.
class Dialogue {
 public:
  explicit Dialogue(std::size_t step = 1000, const Limits& limits = {})
      : session(limits), step_(step) {
    session.await_greeting();
  }

  // The server says `text`; what the client says to it is added to said().
  Session::Action hear(std::string_view text) {
    Session::Action action = Session::Action::kRead;
    for (std::size_t at = 0; at < text.size(); at += step_)
      action = note(session.on_bytes(text.substr(at, step_)));
    return action;
  }
  Session::Action begin(Command command) { return note(session.begin(std::move(command))); }
  Session::Action end_idle() { return note(session.end_idle()); }
  // A session that has been greeted.
  void greet(std::string_view capabilities = "IMAP4rev1") {
    EXPECT_EQ(hear("* OK [CAPABILITY " + std::string(capabilities) + "] hi\r\n"),
              Session::Action::kDone);
  }
  // What the client said since it was asked last.
  std::string said() { return std::exchange(said_, {}); }

  Session session;

 private:
  Session::Action note(Session::Action action) {
    if (action == Session::Action::kWrite) {
      said_ += session.output();
      session.clear_output();
      return Session::Action::kRead;
    }
    return action;
  }

  std::size_t step_;
  std::string said_;
};

inline Command plain_command(Stage stage, std::string text) {
  Command command;
  command.stage = stage;
  command.parts = {std::move(text) + "\r\n"};
  return command;
}

}  // namespace hongyan::imap::test
