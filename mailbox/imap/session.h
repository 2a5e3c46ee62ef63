#pragma once

#include "mailbox/imap/command.h"
#include "mailbox/imap/failure.h"
#include "mailbox/imap/response_reader.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace hongyan::imap {

// What is known of the folder that is open.
struct Folder {
  std::string name;                // UTF-8
  std::uint32_t exists = 0;        // messages in it
  std::uint32_t uid_validity = 0;  // 0: the server does not say
  std::uint32_t uid_next = 0;      // 0: the server does not say
  bool renumbered = false;         // uid_validity is not what it was: every UID known is void
};

// The dialogue with one server: one command at a time, and what comes without being asked for.
//
// Opens no socket, reads no clock. Every action but kRead and kWrite ends a step; after kFailed the
// connection is of no further use. Nothing that failure() or alerts() show holds a secret.
class Session {
 public:
  enum class Action : unsigned char {
    kRead,    // wait for bytes, then on_bytes()
    kWrite,   // write output(), clear_output(), then read
    kIdle,    // the server waits with us: read on, or end_idle() at any time
    kDone,    // was_refused() or not; begin() the next
    kFailed,  // failure() tells why; close
  };

  explicit Session(const Limits& limits = {}) : limits_(limits), reader_(limits) {}
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  Action await_greeting();
  Action begin(Command command);
  Action end_idle();
  Action on_bytes(std::string_view bytes);
  // What was said before was in clear: nothing of it counts (RFC 9051 6.2.1).
  void on_tls();
  // The stream broke; `cause` as in Failure.
  Action on_lost(std::string_view cause, std::string_view detail = {});

  std::string_view output() const { return output_; }
  void clear_output();  // wiped: it may have held a secret

  // After kDone: the server said NO or BAD.
  bool was_refused() const { return answer_.status != Status::kOk; }
  const ResponseCode& answer_code() const { return answer_.code; }
  // After kFailed, or kDone that was refused.
  Failure failure() const;

  const Capabilities& capabilities() const { return capabilities_; }
  const std::string& greeting() const { return greeting_; }
  const std::map<std::string, std::string>& server_id() const { return server_id_; }
  const std::vector<std::string>& alerts() const { return alerts_; }
  Folder& folder() { return folder_; }
  // Messages came or went since it was asked last.
  bool take_changed();
  bool has_changed() const { return changed_; }
  void forget_capabilities() { capabilities_.clear(); }

 private:
  enum class Phase : unsigned char { kGreeting, kReady, kCommand, kIdling, kFailed };

  void take(const StatusResponse& status);
  void take(const Continuation& more);
  void take(const CapabilityData& data) { capabilities_.set(data.words); }
  void take(const FetchData& data);
  void take(const ListEntry& entry);
  void take(const IdData& data);
  void take(const Exists& data);
  void take(const Expunge& data);
  void take(const OtherData&) {}
  void take_greeting(const StatusResponse& status);
  void take_untagged(const StatusResponse& status);
  void finish(const StatusResponse& status);
  void fail(std::string_view cause, std::string_view detail);
  void end_command();
  Action action() const;
  std::string for_people(std::string_view text) const;

  Limits limits_;
  ResponseReader reader_;
  Phase phase_ = Phase::kGreeting;
  Command command_;
  std::size_t said_ = 0;  // parts of the command
  std::uint32_t tags_ = 0;
  std::string tag_;
  std::string output_;
  StatusResponse answer_;
  StatusResponse notice_;  // the last untagged NO, BAD or BYE
  std::string challenge_;
  std::string_view cause_;
  std::string detail_;
  Capabilities capabilities_;
  std::string greeting_;
  std::map<std::string, std::string> server_id_;
  std::vector<std::string> alerts_;
  std::vector<std::string> secrets_;
  Folder folder_;
  bool changed_ = false;
};

}  // namespace hongyan::imap
