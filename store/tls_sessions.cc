#include "store/tls_sessions.h"

#include "store/keys.h"

#include <charconv>

namespace hongyan::store {
namespace {

using redis::Command;

constexpr int kKeptSeconds = 14 * 24 * 3600;
constexpr int kTurnSeconds = 300;
constexpr std::string_view kDone = "!";  // in no name of an engine

std::int64_t number_of(std::string_view text) {
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace

async::Task<Result<void>> TlsSessions::add(std::string day, Fields fields) {
  Command command("FCALL");
  command.arg("h1_tls_sessions").arg(1).arg(keys::tls_sessions(day));
  command.arg(kMostKinds).arg(kKeptSeconds);
  for (const auto& [field, count] : fields) command.arg(field).arg(count);
  auto reply = co_await store_.call(std::move(command));
  if (!reply) co_return std::unexpected(reply.error());
  co_return Result<void>{};
}

async::Task<Result<TlsSessions::Fields>> TlsSessions::load(std::string day) {
  Fields fields;
  std::string cursor = "0";
  do {
    Command command("HSCAN");
    command.arg(keys::tls_sessions(day)).arg(cursor).arg("COUNT").arg(1000);
    auto reply = co_await store_.call(std::move(command));
    if (!reply) co_return std::unexpected(reply.error());
    cursor = std::string((*reply)[0].text());
    const auto found = (*reply)[1].array();
    for (std::size_t i = 0; i + 1 < found.size(); i += 2)
      fields.insert_or_assign(std::string(found[i].text()), number_of(found[i + 1].text()));
  } while (cursor != "0");
  co_return fields;
}

async::Task<Result<TlsSessions::Turn>> TlsSessions::take_turn(std::string day, std::string engine) {
  const std::string key = keys::tls_sender(day);
  const auto had = co_await store_.call(std::move(
      Command("SET").arg(key).arg(engine).arg("NX").arg("GET").arg("EX").arg(kTurnSeconds)));
  if (!had) co_return std::unexpected(had.error());
  if (had->is_nil()) co_return Turn::kMine;
  if (had->text() == kDone) co_return Turn::kDone;
  if (had->text() != engine) co_return Turn::kOthers;
  const auto renewed =
      co_await store_.call(std::move(Command("EXPIRE").arg(key).arg(kTurnSeconds)));
  if (!renewed) co_return std::unexpected(renewed.error());
  co_return Turn::kMine;
}

async::Task<Result<void>> TlsSessions::finish(std::string day) {
  const auto set = co_await store_.call(
      std::move(Command("SET").arg(keys::tls_sender(day)).arg(kDone).arg("EX").arg(kKeptSeconds)));
  if (!set) co_return std::unexpected(set.error());
  co_return Result<void>{};
}

}  // namespace hongyan::store
