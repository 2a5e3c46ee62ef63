#include "store/vault_store.h"

#include "store/keys.h"

namespace hongyan::store {
namespace {

using async::Task;
using redis::Command;

constexpr std::string_view kSecretField = "secret";

VaultStore::Public public_of(const redis::Reply& reply) {
  VaultStore::Public known;
  if (!reply[0].is_nil()) known.key_id = reply[0].text();
  if (!reply[1].is_nil()) known.public_key = reply[1].text();
  return known;
}

}  // namespace

Task<Result<VaultStore::Public>> VaultStore::load() {
  auto reply = co_await store_.call(
      std::move(Command("HMGET").arg(keys::kVault).arg("key_id").arg("public_key")));
  if (!reply) co_return std::unexpected(reply.error());
  co_return public_of(*reply);
}

Task<Result<VaultStore::Public>> VaultStore::publish(Public own, std::vector<std::string> known) {
  Command command("FCALL");
  command.arg("h1_vault_publish").arg(1).arg(keys::kVault).arg(own.key_id).arg(own.public_key);
  for (const std::string& id : known) command.arg(id);
  auto reply = co_await store_.call(std::move(command));
  if (!reply) co_return std::unexpected(reply.error());
  co_return public_of(*reply);
}

Task<Result<std::string>> VaultStore::salt(std::string fresh) {
  std::vector<Command> commands;
  commands.push_back(std::move(Command("HSETNX").arg(keys::kVault).arg("salt").arg(fresh)));
  commands.push_back(std::move(Command("HGET").arg(keys::kVault).arg("salt")));
  auto replies = co_await store_.pipeline(std::move(commands));
  if (!replies) co_return std::unexpected(replies.error());
  co_return std::string((*replies)[1].text());
}

Task<Result<std::string>> VaultStore::secret(std::string address) {
  auto reply = co_await store_.call(
      std::move(Command("HGET").arg(keys::mailbox(address)).arg(kSecretField)));
  if (!reply) co_return std::unexpected(reply.error());
  co_return reply->is_nil() ? std::string() : std::string(reply->text());
}

Task<Result<bool>> VaultStore::swap(std::string address, std::string before, std::string after) {
  Command command("FCALL");
  command.arg("h1_mailbox_secret_swap").arg(1).arg(keys::mailbox(address)).arg(before).arg(after);
  auto reply = co_await store_.call(std::move(command));
  if (!reply) co_return std::unexpected(reply.error());
  co_return reply->integer() == 1;
}

}  // namespace hongyan::store
