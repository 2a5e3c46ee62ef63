#include "engine/core/answer_rules.h"

#include "base/text.h"
#include "engine/config/bounce_rules.h"

namespace hongyan::engine {

std::expected<std::shared_ptr<const answer::Classifier>, Faults> load_classifier(
    const config::Config& config) {
  std::vector<std::string> names;
  for (const auto& [name, provider] : config.fleet.providers) names.push_back(name);
  return load_classifier(config.local.engine.bounce_rules, names);
}

std::expected<std::shared_ptr<const answer::Classifier>, Faults> load_classifier(
    const std::string& own_rules, const std::vector<std::string>& names) {
  auto book = config::load_bounce_rules(own_rules);
  if (!book) return std::unexpected(std::move(book.error()));
  Faults faults;
  for (const answer::Family& family : book->families)
    for (const std::string& provider : family.providers) {
      if (is_among(provider, names)) continue;
      const auto meant = nearest(provider, names);
      faults.push_back({family.name + ".toml", "there is no provider '" + provider + "'",
                        meant ? "did you mean '" + *meant + "'?" : ""});
    }
  if (!faults.empty()) return std::unexpected(std::move(faults));
  auto made = answer::Classifier::create(std::move(*book));
  if (made && !own_rules.empty())
    if (Faults dead = (*made)->check_examples(); !dead.empty())
      return std::unexpected(std::move(dead));
  return made;
}

}  // namespace hongyan::engine
