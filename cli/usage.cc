#include "cli/usage.h"

#include "base/text.h"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <vector>

namespace hongyan::cli {
namespace {

std::string sentence(std::string_view what, std::string_view word,
                     const std::vector<std::string>& known, const CLI::App& command) {
  std::string text = "there is no ";
  text.append(what).append(" '").append(word).append("'");
  if (const auto meant = nearest(word, known)) return text + "; did you mean '" + *meant + "'?";
  std::string name = command.get_name();
  for (const CLI::App* at = command.get_parent(); at != nullptr; at = at->get_parent())
    name = at->get_name() + " " + name;
  return text + "; " + name + " --help shows all";
}

std::vector<std::string> flags_of(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    for (const std::string& name : option->get_snames()) names.push_back("-" + name);
  }
  return names;
}

}  // namespace

std::optional<std::string> unknown_word(const CLI::App& app, std::span<const char* const> words) {
  const CLI::App* command = &app;
  for (const char* const each : words) {
    const std::string_view word(each);
    if (word == "--") return std::nullopt;
    if (word.starts_with("--") && word.size() > 2) {
      const std::string name(word.substr(0, word.find('=')));
      const auto known = flags_of(*command);
      if (std::ranges::find(known, name) == known.end())
        return sentence("flag", name, known, *command);
      continue;
    }
    const auto children = command->get_subcommands([](const CLI::App*) { return true; });
    if (word.starts_with('-') || children.empty()) continue;
    const auto child = std::ranges::find(children, word, &CLI::App::get_name);
    if (child == children.end()) {
      std::vector<std::string> names;
      for (const CLI::App* one : children) names.push_back(one->get_name());
      return sentence("command", word, names, *command);
    }
    command = *child;
  }
  return std::nullopt;
}

CLI::Validator at_least_one() {
  return {[](std::string& text) {
            std::int64_t value = 0;
            const auto [end, error] =
                std::from_chars(text.data(), text.data() + text.size(), value);
            if (error == std::errc() && end == text.data() + text.size() && value > 0)
              return std::string();
            return "'" + text + "' is no whole number from 1 on";
          },
          ""};
}

}  // namespace hongyan::cli
