#include "store/mailbox_store.h"

#include "store/keys.h"

#include <fmt/format.h>

#include <charconv>
#include <limits>

namespace hongyan::store {
namespace {

using async::Task;
using redis::Command;

Command function(std::string_view name, std::string_view key) {
  Command command("FCALL");
  command.arg(name).arg(1).arg(key);
  return command;
}

void add(Command& command, const MailboxStore::Fields& fields) {
  for (const auto& [name, value] : fields) command.arg(name).arg(value);
}

MailboxStore::Fields fields_of(const redis::Reply& reply) {
  MailboxStore::Fields fields;
  const auto flat = reply.array();
  for (std::size_t i = 0; i + 1 < flat.size(); i += 2)
    fields.emplace(flat[i].text(), flat[i + 1].text());
  return fields;
}

std::vector<std::string> texts_of(const redis::Reply& reply, std::size_t from = 0) {
  std::vector<std::string> texts;
  const auto array = reply.array();
  for (std::size_t i = from; i < array.size(); ++i) texts.emplace_back(array[i].text());
  return texts;
}

std::int64_t number_of(std::string_view text) {
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

Task<Result<void>> MailboxStore::bind(std::string address, Fields fields) {
  Command command = function("h1_mailbox_bind", keys::mailbox(address));
  add(command, fields);
  auto bound = co_await store_.call(std::move(command));
  if (!bound) co_return std::unexpected(bound.error());
  auto listed = co_await store_.call(
      std::move(Command("ZADD").arg(keys::kMailboxes).arg(bound->text()).arg(address)));
  if (!listed) co_return std::unexpected(listed.error());
  co_return Result<void>{};
}

Task<Result<bool>> MailboxStore::unbind(std::string address) {
  auto done = co_await store_.call(function("h1_mailbox_unbind", keys::mailbox(address)));
  if (!done) co_return std::unexpected(done.error());
  for (const std::string_view index : {keys::kMailboxes, keys::kLettersDue}) {
    auto gone = co_await store_.call(std::move(Command("ZREM").arg(index).arg(address)));
    if (!gone) co_return std::unexpected(gone.error());
  }
  co_return done->integer() == 1;
}

Task<Result<bool>> MailboxStore::set(std::string address, Fields fields) {
  Command command = function("h1_mailbox_set", keys::mailbox(address));
  add(command, fields);
  auto done = co_await store_.call(std::move(command));
  if (!done) co_return std::unexpected(done.error());
  co_return done->integer() == 1;
}

Task<Result<MailboxStore::Fields>> MailboxStore::load(std::string address) {
  auto reply = co_await store_.call(std::move(Command("HGETALL").arg(keys::mailbox(address))));
  if (!reply) co_return std::unexpected(reply.error());
  co_return fields_of(*reply);
}

Task<Result<std::vector<std::string>>> MailboxStore::all() {
  auto reply =
      co_await store_.call(std::move(Command("ZRANGE").arg(keys::kMailboxes).arg(0).arg(-1)));
  if (!reply) co_return std::unexpected(reply.error());
  co_return texts_of(*reply);
}

Task<Result<std::int64_t>> MailboxStore::sent_on(std::string address, std::string date) {
  auto reply = co_await store_.call(
      std::move(Command("HGET").arg(keys::of_mailbox(address, "sent-days")).arg(date)));
  if (!reply) co_return std::unexpected(reply.error());
  co_return reply->is_nil() ? 0 : number_of(reply->text());
}

Task<Result<std::optional<std::vector<std::string>>>> MailboxStore::lease(std::string address,
                                                                          std::string who,
                                                                          Millis lease) {
  Command command = function("h1_mailbox_lease", keys::mailbox(address));
  command.arg(who).arg(lease.count());
  auto reply = co_await store_.call(std::move(command));
  if (!reply) co_return std::unexpected(reply.error());
  if ((*reply)[0].integer() == 0) co_return std::nullopt;
  co_return texts_of(*reply, 1);
}

Task<Result<void>> MailboxStore::release(std::string address, std::string who) {
  Command command = function("h1_mailbox_release", keys::mailbox(address));
  command.arg(who);
  auto reply = co_await store_.call(std::move(command));
  if (!reply) co_return std::unexpected(reply.error());
  co_return Result<void>{};
}

Task<Result<MailboxStore::Put>> MailboxStore::put(std::string address, Letter letter) {
  Command command = function("h1_letter_put", keys::mailbox(address));
  command.arg(letter.id).arg(letter.digest).arg(letter.due_ms);
  add(command, letter.fields);
  auto reply = co_await store_.call(std::move(command));
  if (!reply) co_return std::unexpected(reply.error());
  const std::string_view word = reply->text();
  co_return word == "created" ? Put::kCreated
  : word == "same"            ? Put::kSame
  : word == "differs"         ? Put::kDiffers
                              : Put::kUnbound;
}

Task<Result<MailboxStore::Fields>> MailboxStore::load_letter(std::string address, std::string id) {
  auto reply = co_await store_.call(std::move(Command("HGETALL").arg(keys::letter(address, id))));
  if (!reply) co_return std::unexpected(reply.error());
  co_return fields_of(*reply);
}

Task<Result<MailboxStore::Waiting>> MailboxStore::waiting(std::string address, int most) {
  auto reply = co_await store_.call(std::move(Command("ZRANGE")
                                                  .arg(keys::of_mailbox(address, "letters"))
                                                  .arg(0)
                                                  .arg(most - 1)
                                                  .arg("WITHSCORES")));
  if (!reply) co_return std::unexpected(reply.error());
  Waiting waiting;
  const auto flat = reply->array();
  for (std::size_t i = 0; i + 1 < flat.size(); i += 2)
    waiting.emplace_back(flat[i].text(), number_of(flat[i + 1].text()));
  co_return waiting;
}

Task<Result<std::vector<std::string>>> MailboxStore::outbox(std::string address, int most) {
  auto reply = co_await store_.call(std::move(
      Command("ZRANGE").arg(keys::of_mailbox(address, "outbox")).arg(0).arg(most - 1).arg("REV")));
  if (!reply) co_return std::unexpected(reply.error());
  co_return texts_of(*reply);
}

Task<Result<MailboxStore::Mark>> MailboxStore::mark(std::string address, std::string who,
                                                    std::string id, std::string date,
                                                    std::int64_t most_on_date) {
  Command command = function("h1_letter_mark", keys::mailbox(address));
  command.arg(who).arg(id).arg(date).arg(most_on_date);
  auto reply = co_await store_.call(std::move(command));
  if (!reply) co_return std::unexpected(reply.error());
  co_return reply->text() == "go" ? Mark::kGo : reply->text() == "full" ? Mark::kFull : Mark::kLost;
}

Task<Result<bool>> MailboxStore::settle(std::string address, std::string who, std::string id,
                                        Settlement settlement) {
  Command command = function("h1_letter_settle", keys::mailbox(address));
  command.arg(who).arg(id).arg(settlement.state).arg(settlement.due_ms);
  for (const bool flag : {settlement.answered, settlement.bad_address, settlement.gives_place_back})
    command.arg(flag ? 1 : 0);
  add(command, settlement.fields);
  auto reply = co_await store_.call(std::move(command));
  if (!reply) co_return std::unexpected(reply.error());
  co_return reply->text() == "ok";
}

Task<Result<std::string>> MailboxStore::seen(std::string address, std::string id, std::int64_t link,
                                             std::string data) {
  Command command = function("h1_letter_seen", keys::mailbox(address));
  command.arg(id).arg(link).arg(data);
  auto reply = co_await store_.call(std::move(command));
  if (!reply) co_return std::unexpected(reply.error());
  co_return std::string(reply->text());
}

Task<Result<bool>> MailboxStore::take_place(std::string domain, std::string date,
                                            std::int64_t most) {
  Command command = function("h1_letter_place", keys::domain_days(domain));
  command.arg(date).arg(most).arg(1);
  auto reply = co_await store_.call(std::move(command));
  if (!reply) co_return std::unexpected(reply.error());
  co_return reply->integer() == 1;
}

Task<Result<void>> MailboxStore::return_place(std::string domain, std::string date) {
  Command command = function("h1_letter_place", keys::domain_days(domain));
  command.arg(date).arg(std::numeric_limits<std::int32_t>::max()).arg(-1);
  auto reply = co_await store_.call(std::move(command));
  if (!reply) co_return std::unexpected(reply.error());
  co_return Result<void>{};
}

Task<Result<std::int64_t>> MailboxStore::guard(Guard guard) {
  Command command = function("h1_letter_guard", keys::alike(guard.who));
  command.arg(guard.id)
      .arg(fmt::format("{:08x}", guard.fingerprint >> 32))
      .arg(fmt::format("{:08x}", guard.fingerprint & 0xFFFFFFFF))
      .arg(guard.recipient)
      .arg(guard.most)
      .arg(guard.window.count())
      .arg(guard.alike_bits);
  auto reply = co_await store_.call(std::move(command));
  if (!reply) co_return std::unexpected(reply.error());
  co_return reply->integer();
}

Task<Result<void>> MailboxStore::wake_at(std::string address, std::int64_t due_ms) {
  auto reply = co_await store_.call(
      std::move(Command("ZADD").arg(keys::kLettersDue).arg(due_ms).arg(address)));
  if (!reply) co_return std::unexpected(reply.error());
  co_return Result<void>{};
}

Task<Result<void>> MailboxStore::sleep(std::string address) {
  auto reply = co_await store_.call(std::move(Command("ZREM").arg(keys::kLettersDue).arg(address)));
  if (!reply) co_return std::unexpected(reply.error());
  co_return Result<void>{};
}

Task<Result<std::vector<std::string>>> MailboxStore::due(std::int64_t now_ms, int most) {
  auto reply = co_await store_.call(std::move(Command("ZRANGEBYSCORE")
                                                  .arg(keys::kLettersDue)
                                                  .arg("-inf")
                                                  .arg(now_ms)
                                                  .arg("LIMIT")
                                                  .arg(0)
                                                  .arg(most)));
  if (!reply) co_return std::unexpected(reply.error());
  co_return texts_of(*reply);
}

}  // namespace hongyan::store
