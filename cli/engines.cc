#include "cli/engines.h"

#include "base/json.h"
#include "store/keys.h"

#include <algorithm>

namespace hongyan::cli {

Engine parse_heartbeat(std::string_view id, std::string_view json, std::int64_t now_ms) {
  Engine engine;
  engine.id = id;
  const auto beat = parse_json(json);
  if (!beat) return engine;
  const auto number = [&](std::string_view name) -> std::int64_t {
    const Json* value = beat->find(name);
    if (value == nullptr || !value->is(Json::Kind::kNumber)) return 0;
    return static_cast<std::int64_t>(value->as_double());
  };
  const auto text = [&](std::string_view name) {
    const Json* value = beat->find(name);
    return value == nullptr ? std::string() : value->text();
  };
  engine.at_ms = number("at");
  engine.pid = number("pid");
  engine.host = text("host");
  engine.version = text("version");
  const Json* ready = beat->find("ready");
  engine.ready = ready != nullptr && ready->is_true();
  const Json* holds = beat->find("holds");
  engine.holds = holds != nullptr && holds->is_true();
  engine.live = engine.at_ms > now_ms - 5000;
  engine.workers = number("workers");
  engine.held = number("held");
  engine.connections = number("connections");
  const auto texts = [&](std::string_view name, std::vector<std::string>& out) {
    if (const Json* values = beat->find(name))
      for (const Json& value : values->items()) out.push_back(value.text());
  };
  texts("sources", engine.sources);
  texts("not_ready_because", engine.not_ready_because);
  return engine;
}

Result<std::vector<Engine>> load_engines(Session& session) {
  const auto now = session.now_ms();
  if (!now) return std::unexpected(now.error());
  auto beats = session.call(redis::Command("HGETALL").arg(store::keys::kEngines));
  if (!beats) return std::unexpected(beats.error());
  std::vector<Engine> engines;
  const auto fields = beats->array();
  for (std::size_t i = 0; i + 1 < fields.size(); i += 2)
    engines.push_back(parse_heartbeat(fields[i].text(), fields[i + 1].text(), *now));
  std::ranges::sort(engines, {}, &Engine::id);
  return engines;
}

}  // namespace hongyan::cli
