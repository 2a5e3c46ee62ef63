#include "engine/check/finding.h"

#include <algorithm>
#include <iterator>
#include <stdexcept>

namespace hongyan::check {

std::string_view level_name(Level level) {
  switch (level) {
    case Level::kNote:
      return "note";
    case Level::kWarning:
      return "warning";
    case Level::kError:
      return "error";
  }
  return "?";
}

const Rule& get_rule(std::string_view id) {
  const auto all = rules();
  const auto at = std::ranges::find(all, id, &Rule::id);
  if (at == all.end()) throw std::logic_error("no rule is called " + std::string(id));
  return *at;
}

std::size_t Findings::count(Level level) const {
  return static_cast<std::size_t>(std::ranges::count_if(
      all_, [level](const Finding& finding) { return finding.rule->level == level; }));
}

bool Findings::has(std::string_view id) const {
  return std::ranges::any_of(all_, [id](const Finding& one) { return one.rule->id == id; });
}

std::vector<Finding> Findings::sorted() const {
  std::vector<Finding> sorted;
  for (const Level level : {Level::kError, Level::kWarning, Level::kNote})
    std::ranges::copy_if(all_, std::back_inserter(sorted),
                         [level](const Finding& one) { return one.rule->level == level; });
  return sorted;
}

std::string some_of(std::span<const std::string> names, std::size_t most) {
  std::string text;
  for (std::size_t i = 0; i < std::min(most, names.size()); ++i)
    text += (i == 0 ? "" : ", ") + names[i];
  if (names.size() > most) text += " and " + std::to_string(names.size() - most) + " more";
  return text;
}

}  // namespace hongyan::check
