#include "cli/published.h"

#include "engine/config/canonical.h"
#include "store/keys.h"

namespace hongyan::cli {

Result<std::optional<config::Fleet>> published_fleet(Session& session) {
  auto text = session.call(redis::Command("HGET").arg(store::keys::kConfig).arg("fleet"));
  if (!text && is_denied(text.error())) return std::nullopt;
  if (!text) return std::unexpected(text.error());
  if (text->is_nil()) return std::nullopt;
  auto fleet = config::fleet_from_json(text->text());
  if (!fleet) return std::nullopt;
  return std::move(*fleet);
}

}  // namespace hongyan::cli
