#include "store/lane_store.h"

#include "store/events.h"
#include "store/keys.h"

#include <algorithm>
#include <charconv>

namespace hongyan::store {

using async::Task;
using redis::Command;

namespace {

constexpr std::string_view kBad = "bad";
constexpr std::string_view kComplaint = "complaint";

// "provider kind"
void add_sign(std::vector<LateSigns>& all, const std::string& source, std::string_view field,
              std::string_view count_text) {
  const auto blank = field.rfind(' ');
  std::int64_t count = 0;
  std::from_chars(count_text.data(), count_text.data() + count_text.size(), count);
  if (blank == std::string_view::npos || count <= 0) return;
  const std::string_view provider = field.substr(0, blank);
  auto at = std::ranges::find(all, provider, &LateSigns::provider);
  if (at == all.end()) at = all.insert(at, {source, std::string(provider)});
  (field.substr(blank + 1) == kBad ? at->bad : at->complaints) += count;
}

}  // namespace

Task<Result<Ownership>> LaneStore::own_source(std::string source, std::string engine,
                                              Millis lease) {
  Command command("FCALL");
  command.arg("h1_own_source").arg(2).arg(keys::source(source)).arg(keys::late_signs(source));
  command.arg(engine).arg(lease.count());
  auto reply = co_await store_.call(std::move(command));
  if (!reply) co_return std::unexpected(reply.error());
  const auto answer = reply->array();
  Ownership ownership{answer[0].integer() == 1, {}};
  if (!ownership.mine) co_return ownership;
  for (std::size_t i = 3; i + 1 < answer.size(); i += 2)
    add_sign(ownership.signs, source, answer[i].text(), answer[i + 1].text());
  co_return ownership;
}

Task<Result<std::map<std::string, bool>>> LaneStore::sources_owned(
    std::vector<std::string> sources) {
  const auto time = co_await store_.call(Command("TIME"));
  if (!time) co_return std::unexpected(time.error());
  const std::int64_t now_ms = time->array()[0].integer() * 1000;
  std::map<std::string, bool> owned;
  for (std::string& source : sources) {
    const auto until =
        co_await store_.call(std::move(Command("HGET").arg(keys::source(source)).arg("until")));
    if (!until) co_return std::unexpected(until.error());
    // A source that was given back has no such field, one of a dead engine an old one.
    owned[std::move(source)] = until->integer() > now_ms;
  }
  co_return owned;
}

Task<Result<bool>> LaneStore::name_lane(std::string ref, std::string source, std::string provider) {
  const std::string lane = source + ' ' + provider;
  for (int tries = 0; tries < 2; ++tries) {
    auto known = co_await store_.call(std::move(Command("HGET").arg(keys::kLaneRefs).arg(ref)));
    if (!known) co_return std::unexpected(known.error());
    if (!known->is_nil()) co_return known->text() == lane;
    auto set =
        co_await store_.call(std::move(Command("HSETNX").arg(keys::kLaneRefs).arg(ref).arg(lane)));
    if (!set) co_return std::unexpected(set.error());
    if (set->integer() == 1) co_return true;
  }
  co_return false;
}

Task<Result<bool>> LaneStore::add_late_sign(std::string ref, LateSign sign) {
  auto lane = co_await store_.call(std::move(Command("HGET").arg(keys::kLaneRefs).arg(ref)));
  if (!lane) co_return std::unexpected(lane.error());
  const std::string_view text = lane->is_nil() ? std::string_view() : lane->text();
  const auto blank = text.find(' ');
  if (blank == std::string_view::npos) co_return false;
  std::string field(text.substr(blank + 1));
  field.append(1, ' ').append(sign == LateSign::kBadAddress ? kBad : kComplaint);
  Command command("FCALL");
  command.arg("h1_late_sign").arg(1).arg(keys::late_signs(text.substr(0, blank))).arg(field);
  auto added = co_await store_.call(std::move(command));
  if (!added) co_return std::unexpected(added.error());
  co_return true;
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
