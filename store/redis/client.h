#pragma once

#include "base/async/task.h"
#include "store/redis/command.h"
#include "store/redis/pipeline.h"
#include "store/redis/reply.h"
#include "store/redis/url.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

namespace hongyan::redis {

// One pipelined connection to Redis that comes back by itself.
//
// Any number of calls may be outstanding. Everything queued in one turn of the loop leaves in one
// write; replies are matched first in, first out, and resume their callers directly from the read.
//
// Owner: one per worker; a second one for commands that block (XREADGROUP BLOCK).
// Thread: the executor's only. A caller must not destroy the client while a reply resumes it.
// Cancel: a call ignores cancellation, for nobody would know whether it ran; it ends with its
//   reply, its deadline, the connection, or close().
// Errors, all of scope process:
//   redis-away     not connected; the command was not sent
//   redis-lost     the connection broke with the call outstanding: it may or may not have run
//   redis-timeout  the deadline passed: it may or may not run yet; a late reply is dropped
//   redis-denied   connect() only: Redis refuses our user or password, or TLS does not verify
//   An error reply (-OOM, -NOPERM, -ERR ...) is a Reply with is_error().
class Client {
 public:
  using Handler = Pipeline::Handler;
  using OnConnected = std::function<void(std::string_view run_id, std::uint64_t epoch)>;

  Client(async::Executor executor, ConnectOptions options);
  // Ends everything without waiting; outstanding calls get redis-lost on the loop's next turns.
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // Starts the connection and waits for it. After an error that can pass (redis-away, -LOADING)
  // attempts go on in the background; redis-denied returns at once, attempts go on as well.
  async::Task<Result<void>> connect(async::Deadline deadline);
  // Waits until connected again; false when the deadline passed first.
  async::Task<bool> wait_connected(async::Deadline deadline);
  // Fails what is outstanding and returns when no task is left. The client cannot be used again.
  async::Task<> close();

  async::Task<Result<Reply>> call(Command command, async::Deadline deadline);
  // The same without a coroutine. The handler runs on the loop, never inside submit().
  void submit(const Command& command, async::Deadline deadline, Handler handler);

  bool connected() const;
  // How often a connection was made; 0 before the first.
  std::uint64_t epoch() const;
  // Of the last connection. It changes when the Redis process is another one, which may have lost
  // acknowledged writes. Empty when the user may not call INFO: then assume the worst.
  std::string_view run_id() const;
  // "7.0.15"; empty when the user may not call INFO.
  std::string_view version() const;
  // Why the last attempt or connection ended; empty while there was none.
  const Error& last_error() const;
  const ConnectOptions& options() const;
  const PipelineStats& stats() const;
  // Connections after the first.
  std::uint64_t reconnects() const;
  std::size_t outstanding() const;

  // Called on the loop after each (re)connection, once calls work. Several may be added.
  void on_connected(OnConnected callback);

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace hongyan::redis
