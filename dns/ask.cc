#include "dns/ask.h"

#include "base/async/event.h"

#include <memory>
#include <optional>

namespace hongyan::dns {
namespace {

// Outlives the task when that is cancelled before the answer comes.
struct Asked {
  explicit Asked(async::Executor executor) : landed(executor) {}
  async::Event landed;
  std::optional<Result<Answer>> answer;
};

}  // namespace

async::Task<Result<Answer>> ask(Channel& channel, std::string name, Type type) {
  const auto asked = std::make_shared<Asked>(co_await async::net::this_coro::executor);
  channel.ask(name, type, [asked, name, type](Result<std::span<const std::uint8_t>> bytes) {
    asked->answer =
        bytes ? parse_answer(*bytes, name, type) : Result<Answer>(std::unexpected(bytes.error()));
    asked->landed.notify_all();
  });
  if (!asked->answer) co_await asked->landed.wait();
  if (!asked->answer) co_return fail(Scope::kProcess, "dns-cancelled", name);
  co_return *std::move(asked->answer);
}

}  // namespace hongyan::dns
