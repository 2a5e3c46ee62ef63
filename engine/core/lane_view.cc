#include "engine/core/lane_view.h"

#include "base/json.h"
#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace hongyan::engine {

std::string lanes_json(std::int64_t at_ms, std::vector<LaneView> lanes) {
  // Those that do something, then those that are held up, then the rest.
  std::ranges::sort(lanes, std::greater{}, [](const LaneView& lane) {
    return std::tuple(lane.waiting + lane.in_flight, lane.mode != "normal", lane.judged,
                      lane.provider, lane.source);
  });
  if (lanes.size() > kMostLanesShown) lanes.resize(kMostLanesShown);
  const auto whole = [](std::int64_t value) { return Json::number(std::to_string(value)); };
  const auto real = [](double value) { return Json::number(fmt::format("{:.3f}", value)); };
  const auto text = [](std::string_view value) { return Json::string(escape_control(value)); };
  Json list = Json::array();
  for (const LaneView& lane : lanes)
    list.push(Json::object({{"provider", text(lane.provider)},
                            {"source", text(lane.source)},
                            {"waiting", whole(lane.waiting)},
                            {"in_flight", whole(lane.in_flight)},
                            {"connections", whole(lane.connections)},
                            {"per_second", real(lane.per_second)},
                            {"allowed_per_second", real(lane.allowed_per_second)},
                            {"held_by", text(lane.held_by)},
                            {"mode", text(lane.mode)},
                            {"reason", text(lane.reason)},
                            {"reply", text(lane.reply)},
                            {"paused_until", whole(lane.paused_until_ms)},
                            {"warmup", text(lane.warmup)},
                            {"last_refusal", text(lane.last_refusal)},
                            {"oldest_seconds", real(lane.oldest_seconds)},
                            {"judged", whole(lane.judged)},
                            {"bad", whole(lane.bad)}}));
  return to_json(Json::object({{"at", whole(at_ms)}, {"lanes", std::move(list)}}));
}

}  // namespace hongyan::engine
