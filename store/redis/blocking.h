#pragma once

#include "store/redis/client.h"

#include <chrono>
#include <memory>
#include <optional>
#include <vector>

namespace hongyan::redis {

// The same Client for programs without a loop of their own (command line, tests): each call runs a
// private loop until its answer is there.
//
// Thread: one at a time. Errors: as Client; when away, a call first waits for the connection, as
// long as its time-out allows.
class BlockingClient {
 public:
  explicit BlockingClient(ConnectOptions options);
  ~BlockingClient();
  BlockingClient(BlockingClient&&) noexcept = default;

  Result<void> connect(std::chrono::milliseconds timeout);
  Result<Reply> call(Command command, std::chrono::milliseconds timeout);
  // All in one flight; the first lost call fails the whole. Error replies are among the replies.
  Result<std::vector<Reply>> pipeline(std::vector<Command> commands,
                                      std::chrono::milliseconds timeout);
  // Runs a task that uses client() to its end.
  template <class T>
  T run(async::Task<T> task);

  Client& client() { return *client_; }

 private:
  void run_to_end(async::Task<> task);
  async::Task<bool> ready(async::Deadline deadline);

  std::unique_ptr<async::net::io_context> loop_;
  std::unique_ptr<Client> client_;
};

template <class T>
T BlockingClient::run(async::Task<T> task) {
  std::optional<T> result;
  run_to_end([](async::Task<T> inner, std::optional<T>* into) -> async::Task<> {
    into->emplace(co_await std::move(inner));
  }(std::move(task), &result));
  return std::move(*result);
}

}  // namespace hongyan::redis
