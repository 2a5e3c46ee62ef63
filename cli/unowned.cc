#include "cli/unowned.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace hongyan::cli {

std::map<std::string, std::string> unowned_sources(const config::Fleet& fleet,
                                                   const std::vector<Engine>& engines) {
  std::map<std::string, std::string> sentences;
  for (const auto& [name, source] : fleet.sources) {
    const bool owned = std::ranges::any_of(engines, [&](const Engine& engine) {
      return engine.live && std::ranges::find(engine.sources, name) != engine.sources.end();
    });
    if (owned) continue;
    sentences[name] =
        source.engines.empty()
            ? fmt::format(
                  "no running engine has source {}: start one whose `engine.sources` does "
                  "not leave it out",
                  name)
            : fmt::format(
                  "no running engine has source {}: start {}, or name a running engine in "
                  "`engines` of [source.{}] and publish that",
                  name, fmt::join(source.engines, " or "), name);
  }
  return sentences;
}

}  // namespace hongyan::cli
