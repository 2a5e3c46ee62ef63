#include "store/redis/blocking.h"

#include <boost/asio/co_spawn.hpp>

#include <exception>
#include <optional>
#include <utility>

namespace hongyan::redis {

BlockingClient::BlockingClient(ConnectOptions options)
    : loop_(std::make_unique<async::net::io_context>(1)),
      client_(std::make_unique<Client>(loop_->get_executor(), std::move(options))) {}

BlockingClient::~BlockingClient() {
  if (client_) run_to_end(client_->close());
}

void BlockingClient::run_to_end(async::Task<> task) {
  bool done = false;
  std::exception_ptr escaped;
  async::net::co_spawn(*loop_, std::move(task), [&](const std::exception_ptr& e) {
    escaped = e;
    done = true;
  });
  loop_->restart();
  while (!done) loop_->run_one();
  if (escaped) std::rethrow_exception(escaped);
}

Result<void> BlockingClient::connect(std::chrono::milliseconds timeout) {
  return run(client_->connect(async::Deadline::in(timeout)));
}

// A loss while no loop ran is noticed now, before the command is sent into it.
async::Task<bool> BlockingClient::ready(async::Deadline deadline) {
  co_await async::sleep_for(std::chrono::nanoseconds(0));
  co_return co_await client_->wait_connected(deadline);
}

Result<Reply> BlockingClient::call(Command command, std::chrono::milliseconds timeout) {
  const auto deadline = async::Deadline::in(timeout);
  run(ready(deadline));
  return run(client_->call(std::move(command), deadline));
}

Result<std::vector<Reply>> BlockingClient::pipeline(std::vector<Command> commands,
                                                    std::chrono::milliseconds timeout) {
  const auto deadline = async::Deadline::in(timeout);
  run(ready(deadline));
  std::vector<Reply> replies(commands.size());
  std::size_t missing = commands.size();
  std::optional<Error> failed;
  for (std::size_t i = 0; i < commands.size(); ++i)
    client_->submit(commands[i], deadline, [&, i](Result<Reply> reply) {
      if (reply)
        replies[i] = std::move(*reply);
      else if (!failed)
        failed = std::move(reply.error());
      --missing;
    });
  loop_->restart();
  while (missing > 0) loop_->run_one();
  if (failed) return std::unexpected(std::move(*failed));
  return replies;
}

}  // namespace hongyan::redis
