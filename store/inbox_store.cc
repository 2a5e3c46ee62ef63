#include "store/inbox_store.h"

#include "base/json.h"
#include "store/keys.h"

#include <charconv>

namespace hongyan::store {
namespace {

using async::Task;
using redis::Command;

constexpr int kAtOnce = 200;

Command function(std::string_view name, std::string_view address) {
  Command command("FCALL");
  command.arg(name).arg(1).arg(keys::mailbox(address));
  return command;
}

std::int64_t number_of(const Json* json) {
  std::int64_t number = 0;
  if (json != nullptr)
    std::from_chars(json->text().data(), json->text().data() + json->text().size(), number);
  return number;
}

std::optional<InboxStore::News> read_news(std::string_view text) {
  const auto json = parse_json(text);
  if (!json) return std::nullopt;
  const Json* type = json->find("type");
  const Json* data = json->find("data");
  if (type == nullptr || data == nullptr) return std::nullopt;
  return InboxStore::News{number_of(json->find("n")), type->text(), number_of(json->find("at")),
                          to_json(*data)};
}

}  // namespace

Task<Result<bool>> InboxStore::lease(std::string address, std::string who, Millis lease,
                                     bool held) {
  Command command = function("h1_inbox_lease", address);
  command.arg(who).arg(lease.count()).arg(held ? 1 : 0);
  const auto reply = co_await store_.call(std::move(command));
  if (!reply) co_return std::unexpected(reply.error());
  co_return reply->integer() == 1;
}

Task<Result<void>> InboxStore::release(std::string address, std::string who) {
  Command command = function("h1_inbox_release", address);
  command.arg(who);
  const auto reply = co_await store_.call(std::move(command));
  if (!reply) co_return std::unexpected(reply.error());
  co_return Result<void>{};
}

Task<Result<std::uint32_t>> InboxStore::begin(std::string address, std::string who,
                                              std::uint32_t uid_validity, std::uint32_t uid_next) {
  Command command = function("h1_inbox_begin", address);
  command.arg(who).arg(uid_validity).arg(uid_next).arg(address);
  const auto reply = co_await store_.call(std::move(command));
  if (!reply) co_return std::unexpected(reply.error());
  co_return static_cast<std::uint32_t>(reply->integer());
}

Task<Result<bool>> InboxStore::put(std::string address, std::string who, std::uint32_t uid_validity,
                                   std::uint32_t next, std::vector<Head> heads) {
  Command command = function("h1_inbox_store", address);
  command.arg(who).arg(uid_validity).arg(next);
  for (const Head& head : heads) command.arg(head.uid).arg(head.json);
  const auto reply = co_await store_.call(std::move(command));
  if (!reply) co_return std::unexpected(reply.error());
  co_return reply->text() == "ok";
}

Task<Result<bool>> InboxStore::warn(std::string address, std::int64_t expires_ms, int stage,
                                    std::string data) {
  Command command = function("h1_mailbox_expiring", address);
  command.arg(expires_ms).arg(stage).arg(data);
  const auto reply = co_await store_.call(std::move(command));
  if (!reply) co_return std::unexpected(reply.error());
  co_return reply->integer() == 1;
}

Task<Result<std::vector<InboxStore::News>>> InboxStore::publish(std::string address,
                                                                std::string tenant,
                                                                std::int64_t keep) {
  const auto waiting = co_await store_.call(
      std::move(Command("LRANGE").arg(keys::of_mailbox(address, "news")).arg(0).arg(kAtOnce - 1)));
  if (!waiting) co_return std::unexpected(waiting.error());
  std::vector<News> all;
  for (const redis::Reply& text : waiting->array())
    if (auto one = read_news(text.text())) all.push_back(*std::move(one));
  if (all.empty()) co_return all;
  Command command("FCALL");
  command.arg("h1_publish_news").arg(2).arg(keys::kEvents).arg(keys::kEventNumbers);
  command.arg(keep).arg(address);
  for (const News& one : all)
    command.arg(one.n).arg(one.type).arg(one.at_ms).arg(tenant).arg(one.data);
  const auto before = co_await store_.call(std::move(command));
  if (!before) co_return std::unexpected(before.error());
  Command done = function("h1_news_done", address);
  done.arg(all.back().n);
  const auto taken = co_await store_.call(std::move(done));
  if (!taken) co_return std::unexpected(taken.error());
  const std::int64_t known = before->integer();
  std::erase_if(all, [known](const News& one) { return one.n <= known; });
  co_return all;
}

Task<Result<std::vector<std::string>>> InboxStore::newest(std::string address, int most) {
  const auto reply = co_await store_.call(
      std::move(Command("LRANGE").arg(keys::of_mailbox(address, "inbox")).arg(0).arg(most - 1)));
  if (!reply) co_return std::unexpected(reply.error());
  std::vector<std::string> heads;
  for (const redis::Reply& head : reply->array()) heads.emplace_back(head.text());
  co_return heads;
}

}  // namespace hongyan::store
