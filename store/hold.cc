#include "store/hold.h"

#include "base/json.h"
#include "base/time_text.h"
#include "store/keys.h"

namespace hongyan::store {

using redis::Command;

std::string Hold::sentence() const {
  std::string text = "held";
  if (at_ms > 0) text += " since " + format_rfc3339(from_unix_ms(at_ms));
  if (!actor.empty()) text += " by " + actor;
  if (!reason.empty()) text += ": " + reason;
  return text;
}

std::string to_json(const Hold& hold) {
  return hongyan::to_json(Json::object({{"at", Json::number(std::to_string(hold.at_ms))},
                                        {"actor", Json::string(hold.actor)},
                                        {"reason", Json::string(hold.reason)}}));
}

Hold hold_from_json(std::string_view text) {
  const auto json = parse_json(text);
  if (!json || !json->is(Json::Kind::kObject)) return {0, "", std::string(text)};
  const auto member = [&](std::string_view name) {
    const Json* value = json->find(name);
    return value == nullptr ? std::string() : value->text();
  };
  Hold hold{0, member("actor"), member("reason")};
  if (const Json* at = json->find("at"); at != nullptr && at->is(Json::Kind::kNumber))
    hold.at_ms = static_cast<std::int64_t>(at->as_double());
  return hold;
}

async::Task<Result<std::optional<Hold>>> load_hold(JobStore& store) {
  auto found = co_await store.call(std::move(Command("GET").arg(keys::kHold)));
  if (!found) co_return std::unexpected(found.error());
  if (found->is_nil()) co_return std::nullopt;
  co_return hold_from_json(found->text());
}

async::Task<Result<bool>> set_hold(JobStore& store, Hold hold) {
  auto set =
      co_await store.call(std::move(Command("SET").arg(keys::kHold).arg(to_json(hold)).arg("NX")));
  if (!set) co_return std::unexpected(set.error());
  co_return !set->is_nil();
}

async::Task<Result<bool>> release_hold(JobStore& store) {
  auto gone = co_await store.call(std::move(Command("DEL").arg(keys::kHold)));
  if (!gone) co_return std::unexpected(gone.error());
  co_return gone->integer() == 1;
}

}  // namespace hongyan::store
