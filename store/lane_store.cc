#include "store/lane_store.h"

#include "store/events.h"
#include "store/keys.h"

namespace hongyan::store {

using async::Task;
using redis::Command;

Task<Result<bool>> LaneStore::own_source(std::string source, std::string engine, Millis lease) {
  Command command("FCALL");
  command.arg("h1_own_source").arg(1).arg(keys::source(source)).arg(engine).arg(lease.count());
  auto reply = co_await store_.call(std::move(command));
  if (!reply) co_return std::unexpected(reply.error());
  co_return (*reply)[0].integer() == 1;
}

Task<Result<bool>> LaneStore::disown_source(std::string source, std::string engine) {
  Command command("FCALL");
  command.arg("h1_disown_source").arg(1).arg(keys::source(source)).arg(engine);
  auto reply = co_await store_.call(std::move(command));
  if (!reply) co_return std::unexpected(reply.error());
  co_return true;
}

Task<Result<TokenGrant>> LaneStore::tokens(std::string source, std::string provider,
                                           std::vector<scheduler::Rate> rates,
                                           std::int64_t wanted) {
  return lease_tokens(keys::lane_tokens(source, provider), std::move(rates), wanted);
}

Task<Result<TokenGrant>> LaneStore::channel_tokens(std::string channel,
                                                   std::vector<scheduler::Rate> rates,
                                                   std::int64_t wanted) {
  return lease_tokens(keys::channel_tokens(channel), std::move(rates), wanted);
}

Task<Result<TokenGrant>> LaneStore::lease_tokens(std::string key,
                                                 std::vector<scheduler::Rate> rates,
                                                 std::int64_t wanted) {
  Command command("FCALL");
  command.arg("h1_tokens").arg(1).arg(key).arg(wanted);
  for (const scheduler::Rate& rate : rates)
    command.arg(rate.count).arg(rate.per.count()).arg(rate.burst);
  auto reply = co_await store_.call(std::move(command));
  if (!reply) co_return std::unexpected(reply.error());
  co_return TokenGrant{(*reply)[0].integer(), Millis{(*reply)[1].integer()}};
}

Task<Result<std::map<std::string, std::string>>> LaneStore::load_pace(std::string source,
                                                                      std::string provider) {
  auto reply =
      co_await store_.call(std::move(Command("HGETALL").arg(keys::lane_pace(source, provider))));
  if (!reply) co_return std::unexpected(reply.error());
  std::map<std::string, std::string> pace;
  const auto fields = reply->array();
  for (std::size_t i = 0; i + 1 < fields.size(); i += 2)
    pace.emplace(fields[i].text(), fields[i + 1].text());
  co_return pace;
}

Task<Result<bool>> LaneStore::save_pace(std::string source, std::string provider,
                                        std::map<std::string, std::string> pace) {
  const std::string key = keys::lane_pace(source, provider);
  Command command("HSET");
  command.arg(key);
  for (const auto& [name, value] : pace) command.arg(name).arg(value);
  auto reply = co_await store_.call(std::move(command));
  if (!reply) co_return std::unexpected(reply.error());
  reply = co_await store_.call(std::move(Command("EXPIRE").arg(key).arg(7 * 24 * 3600)));
  if (!reply) co_return std::unexpected(reply.error());
  co_return true;
}

Task<Result<void>> LaneStore::announce(std::string type, std::string data, std::int64_t keep) {
  co_return co_await publish_event(store_, {std::move(type), "", "", std::move(data)}, keep);
}

}  // namespace hongyan::store
