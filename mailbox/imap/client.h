#pragma once

#include "base/async/task.h"
#include "mailbox/imap/failure.h"
#include "mailbox/imap/login.h"
#include "mailbox/imap/message.h"
#include "mailbox/imap/session.h"
#include "mailbox/imap/stream.h"

#include <boost/asio/ip/address.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace hongyan::imap {

// When TLS begins; there is no way without.
enum class TlsStart : unsigned char {
  kAtOnce,    // port 993 (RFC 8314)
  kStartTls,  // port 143, after a word in clear that holds no secret
};

struct Server {
  std::string host;                                // whose name the certificate must bear
  std::vector<async::net::ip::address> addresses;  // tried in order until one is there
  std::uint16_t port = 993;
  TlsStart tls = TlsStart::kAtOnce;
};

// How long each thing may take as a whole; bytes that trickle in win no time.
struct TimeLimits {
  Millis connect{20'000};  // for each address
  Millis tls{30'000};
  Millis greeting{30'000};
  Millis command{60'000};  // all that have no limit of their own
  Millis fetch{300'000};   // a batch
  Millis append{300'000};
  Millis logout{5'000};
  Millis idle_renewal{28 * 60'000};  // servers end a waiting of 30 min (RFC 2177 3)
};

struct ClientOptions {
  TimeLimits times;
  Limits limits;
  // What we say of ourselves (RFC 2971) where a server offers ID or is of those that demand it.
  std::vector<std::string> identity{"name", "Hongyan", "version", "0.1.0", "vendor", "Hongyan"};
  bool always_identify = false;  // also when neither
};

// Where an appended message is; 0: the server does not say (RFC 4315).
struct Appended {
  std::uint32_t uid_validity = 0;
  std::uint32_t uid = 0;
};

// One connection to the mailbox of one person: open(), login(), examine(), then the others.
//
// Changes nothing but what append() adds: folders are opened read-only, texts are peeked at.
//
// Owner: who runs the mailbox; longer than the task of any call. One call at a time. Thread: the
// executor's only. Cancel: by cancelling the task; the connection is dead then.
// Errors: values; after one that ends_connection() a new Client is needed. Nothing is tried twice.
class Client {
 public:
  static constexpr std::size_t kBatch = 100;
  static constexpr std::size_t kMostUids = 2'000'000;
  static constexpr std::size_t kMostFolders = 10'000;

  Client(async::Executor executor, Trust& trust, Server server, ClientOptions options = {});
  ~Client();

  // Connects, begins TLS, hears the greeting. Stages: connect, tls, greeting, capability, starttls.
  async::Task<Outcome<>> open();
  // One log-in per connection, whatever comes of it; then ID. A refused ID is no failure.
  async::Task<Outcome<>> login(Login login);
  async::Task<Outcome<std::vector<ListEntry>>> folders();
  // Read-only (EXAMINE). `wire_name`: ListEntry::wire_name, or encode_folder_name(). Compared with
  // `known_uid_validity` unless that is 0: see Folder::renumbered. `uid_next` is always known.
  async::Task<Outcome<Folder>> examine(std::string wire_name, std::uint32_t known_uid_validity = 0);
  // All UIDs of the open folder that are not below `low`, rising; the first kMostUids.
  async::Task<Outcome<std::vector<std::uint32_t>>> uids_from(std::uint32_t low);
  // Heads of the messages that are still there, by rising UID, kBatch at a time. Who has thousands
  // to fetch asks for some hundreds and keeps them before he asks again.
  async::Task<Outcome<std::vector<MessageHead>>> fetch(std::vector<std::uint32_t> uids);
  // Waits until messages came or went (true) or `at_most` is over, renewed in time. For servers
  // that offers_idle().
  async::Task<Outcome<bool>> idle(Millis at_most);
  // NOOP: have messages come or gone since?
  async::Task<Outcome<bool>> poll();
  // As read (\Seen). `message`: whole, lines ended by CRLF. Refused with the code TRYCREATE: no
  // such folder.
  async::Task<Outcome<Appended>> append(std::string wire_name, std::string message, WallTime date);
  // Says goodbye where it can, and closes.
  async::Task<> logout();

  bool offers_idle() const { return session_.capabilities().has("IDLE"); }
  // Capabilities, greeting, alerts for the user, what the server says of itself.
  const Session& session() const { return session_; }
  std::string tls_description() const { return stream_.tls_description(); }

 private:
  async::Task<Outcome<>> connect();
  async::Task<Outcome<>> begin_tls();
  async::Task<Outcome<>> ask_capabilities();
  async::Task<Outcome<>> identify();
  async::Task<Outcome<>> find_uid_next();
  async::Task<Outcome<>> fetch_batch(std::vector<std::uint32_t> uids, std::vector<MessageHead>* to);
  async::Task<Outcome<>> wait_for_change(async::Deadline until);
  async::Task<Outcome<>> run(Command command, Millis limit);
  async::Task<Session::Action> drive(Session::Action action, async::Deadline by);
  Outcome<> outcome(Session::Action action);
  std::unexpected<Failure> failed(Stage stage, std::string_view cause, std::string detail);
  Command command(Stage stage, std::string_view name) const;

  Trust& trust_;
  Server server_;
  ClientOptions options_;
  Session session_;
  Stream stream_;
  bool login_spent_ = false;
};

}  // namespace hongyan::imap
