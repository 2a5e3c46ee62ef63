#include "engine/core/answer_rules.h"

#include "base/text.h"
#include "engine/config/bounce_rules.h"

namespace hongyan::engine {

std::expected<std::shared_ptr<const answer::Classifier>, Faults> load_classifier(
    const config::Config& config) {
  auto book = config::load_bounce_rules(config.local.engine.bounce_rules);
  if (!book) return std::unexpected(std::move(book.error()));
  std::vector<std::string> names;
  for (const auto& [name, provider] : config.fleet.providers) names.push_back(name);
  Faults faults;
  for (const answer::Family& family : book->families)
    for (const std::string& provider : family.providers) {
      if (is_among(provider, names)) continue;
      const auto meant = nearest(provider, names);
      faults.push_back({family.name + ".toml", "there is no provider '" + provider + "'",
                        meant ? "did you mean '" + *meant + "'?" : ""});
    }
  if (!faults.empty()) return std::unexpected(std::move(faults));
  return answer::Classifier::create(std::move(*book));
}

}  // namespace hongyan::engine
