#include "store/note_store.h"

#include "store/keys.h"

namespace hongyan::store {
namespace {

using async::Task;
using redis::Command;

Command function(std::string_view name, std::string_view address) {
  Command command("FCALL");
  command.arg(name).arg(1).arg(keys::mailbox(address));
  return command;
}

}  // namespace

Task<Result<void>> NoteStore::add(std::string address, std::string type, std::string data) {
  Command command = function("h1_note_add", address);
  command.arg(type).arg(data);
  const auto reply = co_await store_.call(std::move(command));
  if (!reply) co_return std::unexpected(reply.error());
  co_return Result<void>{};
}

Task<Result<std::optional<NoteStore::Batch>>> NoteStore::take(std::string address, Millis every) {
  Command command = function("h1_notes_take", address);
  command.arg(every.count());
  const auto reply = co_await store_.call(std::move(command));
  if (!reply) co_return std::unexpected(reply.error());
  const auto parts = reply->array();
  if (parts.size() < 3) co_return std::nullopt;
  Batch batch{parts[0].integer(), parts[1].integer(), std::string(parts[2].text()), {}};
  for (std::size_t i = 3; i < parts.size(); ++i) batch.notes.emplace_back(parts[i].text());
  co_return batch;
}

Task<Result<void>> NoteStore::done(std::string address, std::int64_t number) {
  Command command = function("h1_notes_done", address);
  command.arg(number);
  const auto reply = co_await store_.call(std::move(command));
  if (!reply) co_return std::unexpected(reply.error());
  co_return Result<void>{};
}

}  // namespace hongyan::store
