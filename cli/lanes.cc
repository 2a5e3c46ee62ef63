#include "cli/lanes.h"

#include "base/json.h"
#include "cli/output.h"
#include "store/keys.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace hongyan::cli {
namespace {

constexpr std::int64_t kSilentMs = 5000;

LaneRow row_of(const Json& lane) {
  const auto real = [&](std::string_view name) {
    const Json* value = lane.find(name);
    return value == nullptr || !value->is(Json::Kind::kNumber) ? 0.0 : value->as_double();
  };
  const auto whole = [&](std::string_view name) { return static_cast<std::int64_t>(real(name)); };
  const auto text = [&](std::string_view name) {
    const Json* value = lane.find(name);
    return value == nullptr ? std::string() : value->text();
  };
  LaneRow row;
  row.provider = text("provider");
  row.source = text("source");
  row.waiting = whole("waiting");
  row.in_flight = whole("in_flight");
  row.connections = whole("connections");
  row.per_second = real("per_second");
  row.allowed_per_second = real("allowed_per_second");
  row.held_by = text("held_by");
  row.mode = text("mode");
  row.reason = text("reason");
  row.reply = text("reply");
  row.last_refusal = text("last_refusal");
  row.warmup = text("warmup");
  row.paused_until_ms = whole("paused_until");
  row.oldest_seconds = real("oldest_seconds");
  row.judged = whole("judged");
  row.bad = whole("bad");
  return row;
}

}  // namespace

std::vector<LaneRow> parse_lanes(std::string_view engine, std::string_view json) {
  std::vector<LaneRow> rows;
  const auto parsed = parse_json(json);
  if (!parsed) return rows;
  const Json* at = parsed->find("at");
  const Json* lanes = parsed->find("lanes");
  if (at == nullptr || !at->is(Json::Kind::kNumber) || lanes == nullptr) return rows;
  for (const Json& lane : lanes->items()) {
    rows.push_back(row_of(lane));
    rows.back().engine = engine;
    rows.back().at_ms = static_cast<std::int64_t>(at->as_double());
  }
  return rows;
}

Result<std::vector<LaneRow>> load_lanes(Session& session) {
  const auto now = session.now_ms();
  if (!now) return std::unexpected(now.error());
  auto all = session.call(redis::Command("HGETALL").arg(store::keys::kLanes));
  if (!all) return std::unexpected(all.error());
  std::vector<LaneRow> rows;
  const auto fields = all->array();
  for (std::size_t i = 0; i + 1 < fields.size(); i += 2)
    for (LaneRow& row : parse_lanes(fields[i].text(), fields[i + 1].text()))
      if (row.at_ms > *now - kSilentMs) rows.push_back(std::move(row));
  std::ranges::sort(rows, {}, [](const LaneRow& row) {
    return std::tuple(-(row.waiting + row.in_flight), row.provider, row.source);
  });
  return rows;
}

std::string lane_sentence(const LaneRow& lane, std::int64_t now_ms) {
  const std::string why = lane.reply.empty() ? "" : ": " + lane.reply;
  if (lane.mode == "paused")
    return fmt::format("paused for {} more ({}){}",
                       span(std::max<std::int64_t>(0, (lane.paused_until_ms - now_ms) / 1000)),
                       lane.reason, why);
  std::string text;
  if (lane.held_by == "idle")
    text = "idle";
  else if (lane.held_by == "warm-up")
    text = "held by the cap of the day (" + lane.warmup + ")";
  else if (lane.held_by == "pace")
    text = fmt::format("held by its pace of {:.2f}/s, which the receiver's refusals set",
                       lane.allowed_per_second);
  else if (lane.held_by == "rate" || lane.held_by == "tokens")
    text = fmt::format("held by its configured rate, {:.2f}/s at most", lane.allowed_per_second);
  else if (lane.held_by == "connections")
    text = fmt::format("held by the receiver's speed, {} connections", lane.connections);
  else
    text = "sending";
  if (!lane.warmup.empty() && lane.held_by != "warm-up") text += "; " + lane.warmup;
  if (lane.mode == "slow") text += "; slow (" + lane.reason + ")" + why;
  return text;
}

}  // namespace hongyan::cli
