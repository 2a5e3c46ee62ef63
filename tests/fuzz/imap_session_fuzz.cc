// A server of IMAP that says anything in every phase: each command ends once, nothing is written
// that was not asked for, and the secret is shown nowhere.
#include "mailbox/imap/login.h"
#include "mailbox/imap/message.h"
#include "mailbox/imap/session.h"

#include <cstdint>
#include <cstdlib>

namespace {

using namespace hongyan::imap;  // NOLINT(google-build-using-namespace): one file, one subject

constexpr std::string_view kSecret = "sEcReT-42";
constexpr Limits kLimits{.line = 2000, .literal = 1000, .response = 3000, .depth = 5, .values = 99};

void check_shown(const Session& session) {
  const Failure failure = session.failure();
  if (failure.sentence().contains(kSecret) || failure.text.contains(kSecret)) std::abort();
  if (failure.text.size() > 1000 || failure.challenge.size() > 1000) std::abort();
}

Command next_command(int n, const Session& session) {
  Command command;
  switch (n % 4) {
    case 0: {
      const auto kind = n % 8 == 0 ? Login::Kind::kPassword : Login::Kind::kToken;
      auto login =
          login_command({kind, "li", std::string(kSecret)}, session.capabilities(), "h", 993);
      if (login) return std::move(*login);
      command.stage = Stage::kNoop;
      command.parts = {"NOOP\r\n"};
      return command;
    }
    case 1:
      command.stage = Stage::kSelect;
      command.is_select = true;
      command.parts = {"EXAMINE {5}\r\n", "INBOX\r\n"};
      return command;
    case 2:
      command.stage = Stage::kFetch;
      command.parts = {"UID FETCH 1:* (UID)\r\n"};
      command.on_fetch = [](const FetchData& data) { read_message(data); };
      return command;
    default:
      command.stage = Stage::kIdle;
      command.is_idle = true;
      command.parts = {"IDLE\r\n"};
      return command;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::size_t step = 1U + data[0];
  const bool ends_idle = (data[1] & 1U) != 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  Session session(kLimits);
  auto action = session.await_greeting();
  int commands = 0;
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    action = session.on_bytes(bytes.substr(at, step));
    if (action == Session::Action::kDone) {
      if (commands > 0) check_shown(session);  // before that nobody has told it
      action = session.begin(next_command(commands++, session));
    }
    if (action == Session::Action::kIdle && ends_idle) action = session.end_idle();
    if (action == Session::Action::kWrite) {
      if (!session.output().ends_with("\r\n")) std::abort();
      session.clear_output();
    } else if (!session.output().empty()) {
      std::abort();
    }
    if (action == Session::Action::kFailed) break;
  }
  if (action != Session::Action::kFailed &&
      session.on_lost("closed-by-peer") != Session::Action::kFailed)
    std::abort();
  if (commands > 0) check_shown(session);
  return 0;
}
