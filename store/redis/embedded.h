#pragma once

#include "base/async/task.h"
#include "base/async/task_group.h"
#include "store/redis/url.h"

#include <cstdint>
#include <string>
#include <sys/types.h>

namespace hongyan::redis {

struct EmbeddedOptions {
  std::string appendfsync = "always";  // or "everysec"
  bool keep = false;                   // stop() leaves the server running
};

// `embedded:DIR`: a private redis-server on DIR/redis.sock, without a TCP port, append-only.
//
// The server outlives a crash of its starter and is found again. DIR/server.lock is inherited by
// the server and so is held exactly as long as it lives: nobody can start a second one on the same
// data, even while the first has no socket yet. DIR/users.lock is shared by all who use it; the
// last to stop() ends it.
//
// Owner: one per program that serves. Command line clients connect to `embedded:DIR` with a Client.
// Thread: the executor's only.
// Errors: "redis-embedded", a sentence.
class EmbeddedServer {
 public:
  EmbeddedServer(async::Executor executor, std::string dir, EmbeddedOptions options = {});
  ~EmbeddedServer();
  EmbeddedServer(const EmbeddedServer&) = delete;
  EmbeddedServer& operator=(const EmbeddedServer&) = delete;

  // Finds or starts the server, waits until it has loaded its data, and from then on starts it
  // again whenever it dies.
  async::Task<Result<void>> start(async::Deadline deadline);
  // Ends the watch, and the server when nobody else uses it and `keep` is off. Await it before
  // destruction.
  async::Task<> stop();

  ConnectOptions connect_options() const;
  pid_t pid() const { return pid_; }
  // Whether start() met a server that was running already.
  bool found() const { return found_; }
  std::uint64_t restarts() const { return restarts_; }

 private:
  Result<void> prepare_folder();
  // The process behind the socket, 0 when none listens, an error when it is not ours.
  Result<pid_t> listener() const;
  Result<void> spawn_if_dead();
  async::Task<Result<void>> ensure_running(async::Deadline deadline);
  async::Task<> watch();
  async::Task<bool> wait_dead(pid_t pid, async::Deadline deadline);

  async::Executor executor_;
  std::string dir_;
  EmbeddedOptions options_;
  int users_lock_ = -1;
  pid_t pid_ = 0;
  pid_t child_ = 0;  // started by this object and not reaped yet
  bool found_ = false;
  std::uint64_t restarts_ = 0;
  async::TaskGroup tasks_;
};

}  // namespace hongyan::redis
