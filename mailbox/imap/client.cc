#include "mailbox/imap/client.h"

#include "mailbox/imap/folder_name.h"
#include "mailbox/imap/trust.h"

#include <algorithm>

namespace hongyan::imap {
namespace {

using async::Deadline;
using async::Task;
using Action = Session::Action;

}  // namespace

Client::Client(async::Executor executor, Trust& trust, Server server, ClientOptions options)
    : trust_(trust),
      server_(std::move(server)),
      options_(std::move(options)),
      session_(options_.limits),
      stream_(executor) {}
Client::~Client() = default;

std::unexpected<Failure> Client::failed(Stage stage, std::string_view cause, std::string detail) {
  stream_.close();
  Failure failure{.stage = stage, .cause = cause};
  failure.detail = std::move(detail);
  return std::unexpected(std::move(failure));
}

Command Client::command(Stage stage, std::string_view name) const {
  Command made{.stage = stage};
  made.parts = CommandWriter(session_.capabilities(), name).parts();
  return made;
}

Task<Action> Client::drive(Action action, Deadline by) {
  while (action == Action::kWrite || action == Action::kRead) {
    if (action == Action::kWrite) {
      const auto written = co_await stream_.write(session_.output(), by);
      session_.clear_output();
      action =
          written.cause.empty() ? Action::kRead : session_.on_lost(written.cause, written.detail);
      continue;
    }
    const auto received = co_await stream_.read(by);
    action = received.cause.empty() ? session_.on_bytes(received.bytes)
                                    : session_.on_lost(received.cause, received.detail);
  }
  co_return action;
}

Outcome<> Client::outcome(Action action) {
  if (action == Action::kFailed) {
    stream_.close();
    return std::unexpected(session_.failure());
  }
  if (action == Action::kDone && session_.was_refused()) return std::unexpected(session_.failure());
  return {};
}

Task<Outcome<>> Client::run(Command command, Millis limit) {
  const Deadline by = Deadline::in(limit);
  co_return outcome(co_await drive(session_.begin(std::move(command)), by));
}

Task<Outcome<>> Client::connect() {
  Stream::Done done{"unreachable", "the server has no address"};
  std::string where;
  for (const auto& address : server_.addresses) {
    done = co_await stream_.connect(address, server_.port, Deadline::in(options_.times.connect));
    if (done.cause.empty()) co_return Outcome<>{};
    where.append(where.empty() ? "" : ", ").append(address.to_string());
    if (done.cause == "cancelled") break;
  }
  if (!where.empty()) done.detail += " (" + where + ", port " + std::to_string(server_.port) + ")";
  co_return failed(Stage::kConnect, done.cause, server_.host + ": " + done.detail);
}

Task<Outcome<>> Client::begin_tls() {
  const Deadline by = Deadline::in(options_.times.tls);
  const auto done = co_await stream_.handshake(trust_, server_.host, by);
  if (done.cause.empty()) co_return Outcome<>{};
  const std::string what = done.cause == "tls-unverified"
                               ? "the certificate of " + server_.host + " is not good: "
                               : server_.host + ": ";
  co_return failed(Stage::kTls, done.cause, what + done.detail);
}

Task<Outcome<>> Client::ask_capabilities() {
  if (!session_.capabilities().empty()) co_return Outcome<>{};
  co_return co_await run(command(Stage::kCapability, "CAPABILITY"), options_.times.command);
}

Task<Outcome<>> Client::open() {
  if (auto done = co_await connect(); !done) co_return done;
  if (server_.tls == TlsStart::kAtOnce)
    if (auto done = co_await begin_tls(); !done) co_return done;
  const Deadline by = Deadline::in(options_.times.greeting);
  if (auto done = outcome(co_await drive(session_.await_greeting(), by)); !done) co_return done;
  if (auto done = co_await ask_capabilities(); !done) co_return done;
  if (server_.tls == TlsStart::kAtOnce) co_return Outcome<>{};
  if (!session_.capabilities().has("STARTTLS"))
    co_return failed(Stage::kStartTls, "starttls-not-offered",
                     server_.host + " offers no TLS on this port");
  auto consent = co_await run(command(Stage::kStartTls, "STARTTLS"), options_.times.command);
  if (!consent) co_return consent;
  if (auto done = co_await begin_tls(); !done) co_return done;
  session_.on_tls();
  co_return co_await ask_capabilities();
}

Task<Outcome<>> Client::login(Login login) {
  if (!stream_.is_encrypted()) co_return failed(Stage::kLogin, "not-open", "open() first");
  if (login_spent_)
    co_return failed(Stage::kLogin, "login-spent", "a secret is tried once per connection");
  login_spent_ = true;
  auto command = login_command(login, session_.capabilities(), server_.host, server_.port);
  if (!command) co_return std::unexpected(std::move(command.error()));
  // What is offered to somebody who is known may be more; many servers say it unasked.
  session_.forget_capabilities();
  auto done = co_await run(std::move(*command), options_.times.command);
  if (!done) co_return done;
  if (done = co_await ask_capabilities(); !done) co_return done;
  co_return co_await identify();
}

// NetEase opens no folder for a client that has not said what it is; its servers are Coremail's,
// which do not always list ID.
Task<Outcome<>> Client::identify() {
  const bool wanted = options_.always_identify || session_.capabilities().has("ID") ||
                      session_.greeting().contains("Coremail");
  if (!wanted || options_.identity.empty()) co_return Outcome<>{};
  // No blank behind the bracket: Coremail takes that for a fault.
  std::string list = "ID (";
  for (const std::string& word : options_.identity)
    list.append(list.ends_with('(') ? "\"" : " \"").append(word).append("\"");
  auto done = co_await run(command(Stage::kId, list + ")"), options_.times.command);
  if (!done && done.error().ends_connection()) co_return done;
  co_return Outcome<>{};
}

Task<Outcome<std::vector<ListEntry>>> Client::folders() {
  std::vector<ListEntry> found;
  const bool can_mark =
      session_.capabilities().has("SPECIAL-USE") && session_.capabilities().has("LIST-EXTENDED");
  Command list =
      command(Stage::kList, can_mark ? R"(LIST "" "*" RETURN (SPECIAL-USE))" : R"(LIST "" "*")");
  list.on_list = [&found](ListEntry entry) {
    if (found.size() < kMostFolders) found.push_back(std::move(entry));
  };
  const auto done = co_await run(std::move(list), options_.times.command);
  if (!done) co_return std::unexpected(done.error());
  co_return found;
}

Task<Outcome<Folder>> Client::examine(std::string wire_name, std::uint32_t known_uid_validity) {
  Command examine{.stage = Stage::kSelect};
  examine.is_select = true;
  examine.parts = CommandWriter(session_.capabilities(), "EXAMINE").string(wire_name).parts();
  auto done = co_await run(std::move(examine), options_.times.command);
  if (!done) co_return std::unexpected(std::move(done.error()));
  session_.folder().name = decode_folder_name(wire_name).value_or(wire_name);
  if (session_.folder().uid_next == 0)
    if (done = co_await find_uid_next(); !done) co_return std::unexpected(std::move(done.error()));
  session_.take_changed();
  Folder folder = session_.folder();
  folder.renumbered |= known_uid_validity != 0 && known_uid_validity != folder.uid_validity;
  co_return folder;
}

// For servers that do not tell it.
Task<Outcome<>> Client::find_uid_next() {
  std::uint32_t highest = 0;
  if (session_.folder().exists > 0) {
    Command last = command(Stage::kFetch, "FETCH * (UID)");
    last.on_fetch = [&highest](const FetchData& data) { highest = std::max(highest, data.uid); };
    if (auto done = co_await run(std::move(last), options_.times.command); !done) co_return done;
  }
  session_.folder().uid_next = highest + 1;
  co_return Outcome<>{};
}

Task<Outcome<std::vector<std::uint32_t>>> Client::uids_from(std::uint32_t low) {
  std::vector<std::uint32_t> uids;
  if (session_.folder().exists == 0) co_return uids;
  // SEARCH would answer in one line as long as the folder is large; this comes message by message.
  Command all =
      command(Stage::kFetch, "UID FETCH " + std::to_string(std::max(low, 1U)) + ":* (UID)");
  all.on_fetch = [&uids, low](const FetchData& data) {
    // "*" is the last message, also when that is below.
    if (data.uid >= low && data.uid > 0 && uids.size() < kMostUids) uids.push_back(data.uid);
  };
  const auto done = co_await run(std::move(all), options_.times.fetch);
  if (!done) co_return std::unexpected(done.error());
  if (session_.folder().renumbered)
    co_return failed(Stage::kFetch, "uidvalidity-changed", "the folder was made anew");
  std::ranges::sort(uids);
  const auto rest = std::ranges::unique(uids);
  uids.erase(rest.begin(), rest.end());
  co_return uids;
}

Task<Outcome<std::vector<MessageHead>>> Client::fetch(std::vector<std::uint32_t> uids) {
  std::ranges::sort(uids);
  const auto rest = std::ranges::unique(uids);
  uids.erase(rest.begin(), rest.end());
  std::vector<MessageHead> heads;
  for (std::size_t at = 0; at < uids.size(); at += kBatch) {
    const auto first = uids.begin() + static_cast<std::ptrdiff_t>(at);
    const auto size = static_cast<std::ptrdiff_t>(std::min(kBatch, uids.size() - at));
    auto done = co_await fetch_batch({first, first + size}, &heads);
    if (!done) co_return std::unexpected(std::move(done.error()));
  }
  co_return heads;
}

Task<Outcome<>> Client::fetch_batch(std::vector<std::uint32_t> uids, std::vector<MessageHead>* to) {
  const std::size_t before = to->size();
  Command some{.stage = Stage::kFetch};
  some.parts = CommandWriter(session_.capabilities(), "UID FETCH")
                   .word(uid_set(uids))
                   .word(message_items())
                   .parts();
  some.on_fetch = [&](const FetchData& data) {
    // Changes of flags come unasked, and without what was asked for.
    const bool is_wanted = std::ranges::binary_search(uids, data.uid) && !data.sections.empty();
    const auto got = std::ranges::find(to->begin() + static_cast<std::ptrdiff_t>(before), to->end(),
                                       data.uid, &MessageHead::uid);
    if (is_wanted && got == to->end()) to->push_back(read_message(data));
  };
  auto done = co_await run(std::move(some), options_.times.fetch);
  if (!done) co_return done;
  if (session_.folder().renumbered)
    co_return failed(Stage::kFetch, "uidvalidity-changed", "the folder was made anew");
  std::ranges::sort(to->begin() + static_cast<std::ptrdiff_t>(before), to->end(), {},
                    &MessageHead::uid);
  co_return Outcome<>{};
}

Task<Outcome<bool>> Client::idle(Millis at_most) {
  const Deadline end = Deadline::in(at_most);
  for (;;) {
    if (session_.take_changed()) co_return true;
    const auto now = std::chrono::steady_clock::now();
    if (now >= end.at) co_return false;
    const auto done =
        co_await wait_for_change({std::min(end.at, now + options_.times.idle_renewal)});
    if (!done) co_return std::unexpected(done.error());
  }
}

// One IDLE and its DONE.
Task<Outcome<>> Client::wait_for_change(Deadline until) {
  Command idle = command(Stage::kIdle, "IDLE");
  idle.is_idle = true;
  Action action =
      co_await drive(session_.begin(std::move(idle)), Deadline::in(options_.times.command));
  while (action == Action::kIdle && !session_.has_changed()) {
    const auto received = co_await stream_.read(until);
    if (received.cause == "timeout") break;
    action = received.cause.empty() ? session_.on_bytes(received.bytes)
                                    : session_.on_lost(received.cause, received.detail);
  }
  if (action == Action::kIdle)
    action = co_await drive(session_.end_idle(), Deadline::in(options_.times.command));
  co_return outcome(action);
}

Task<Outcome<bool>> Client::poll() {
  const auto done = co_await run(command(Stage::kNoop, "NOOP"), options_.times.command);
  if (!done) co_return std::unexpected(done.error());
  co_return session_.take_changed();
}

Task<Outcome<Appended>> Client::append(std::string wire_name, std::string message, WallTime date) {
  Command append{.stage = Stage::kAppend};
  append.parts = CommandWriter(session_.capabilities(), "APPEND")
                     .string(wire_name)
                     .word("(\\Seen)")
                     .string(format_internal_date(date))
                     .literal(message)
                     .parts();
  const auto done = co_await run(std::move(append), options_.times.append);
  if (!done) co_return std::unexpected(done.error());
  Appended where;
  if (session_.answer_code().name == "APPENDUID") {
    where.uid_validity = session_.answer_code().number(0).value_or(0);
    where.uid = session_.answer_code().number(1).value_or(0);
  }
  co_return where;
}

Task<> Client::logout() {
  if (stream_.is_encrypted()) {
    Command logout = command(Stage::kLogout, "LOGOUT");
    logout.is_logout = true;
    (void)co_await run(std::move(logout), options_.times.logout);
  }
  stream_.close();
}

}  // namespace hongyan::imap
