#include "engine/check/template_view.h"

#include <algorithm>
#include <functional>
#include <set>

namespace hongyan::check {
namespace {

bool is_name_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}
bool is_name(char c) {
  return is_name_start(c) || (c >= '0' && c <= '9') || c == '-';
}

// Calls with the offset, the length and the inside of each tag.
void each_tag(std::string_view text,
              const std::function<void(std::size_t, std::size_t, std::string_view, bool)>& see) {
  for (std::size_t at = 0; (at = text.find('{', at)) != std::string_view::npos;) {
    const char kind = at + 1 < text.size() ? text[at + 1] : '\0';
    if (kind != '{' && kind != '%') {
      ++at;
      continue;
    }
    const std::size_t end = text.find(kind == '{' ? "}}" : "%}", at + 2);
    if (end == std::string_view::npos) return;
    see(at, end + 2 - at, text.substr(at + 2, end - at - 2), kind == '{');
    at = end + 2;
  }
}

struct Word {
  std::string_view name;
  char before = ' ';  // the last character before it that is no blank
  char after = ' ';   // the first behind it
};

// Names outside of quotes; of `a.b` the first only.
std::vector<Word> words_of(std::string_view inside) {
  std::vector<Word> words;
  char before = ' ';
  for (std::size_t i = 0; i < inside.size();) {
    const char c = inside[i];
    if (c == '"' || c == '\'') {
      const std::size_t end = inside.find(c, i + 1);
      i = end == std::string_view::npos ? inside.size() : end + 1;
      before = c;
    } else if (is_name_start(c)) {
      std::size_t end = i;
      while (end < inside.size() && is_name(inside[end])) ++end;
      std::string_view name = inside.substr(i, end - i);
      while (name.ends_with('-')) name.remove_suffix(1);  // the dash of `-}}`
      const std::size_t next = inside.find_first_not_of(" \t\r\n", end);
      words.push_back({name, before, next == std::string_view::npos ? ' ' : inside[next]});
      before = 'a';
      i = end;
    } else {
      if (c != ' ' && c != '\t' && c != '\r' && c != '\n') before = c;
      ++i;
    }
  }
  return words;
}

bool is_keyword(std::string_view word) {
  static const std::set<std::string_view> kWords = {
      "and", "or",   "not",   "contains", "true",  "false",    "nil",     "null", "empty",
      "in",  "with", "limit", "offset",   "blank", "reversed", "forloop", "as",   "by"};
  return kWords.contains(word);
}

}  // namespace

std::vector<VariableUse> used_variables(std::string_view text) {
  std::vector<VariableUse> uses;
  std::set<std::string, std::less<>> own;
  std::string raw_until;
  each_tag(text, [&](std::size_t, std::size_t, std::string_view inside, bool output) {
    auto words = words_of(inside);
    if (words.empty()) return;
    const std::string_view tag = output ? std::string_view() : words.front().name;
    if (!raw_until.empty()) {
      if (tag == raw_until) raw_until.clear();
      return;
    }
    if (tag == "raw" || tag == "comment") {
      raw_until = "end" + std::string(tag);
      return;
    }
    std::size_t first = 0;
    if (!output) {
      first = 1;
      if ((tag == "assign" || tag == "capture" || tag == "for" || tag == "increment" ||
           tag == "decrement" || tag == "tablerow") &&
          words.size() > 1) {
        own.insert(std::string(words[1].name));
        first = 2;
      }
    }
    const bool has_default = output && std::ranges::any_of(words, [](const Word& word) {
                               return word.before == '|' && word.name == "default";
                             });
    for (std::size_t i = first; i < words.size(); ++i) {
      const Word& word = words[i];
      // Filters stand behind a bar, members behind a dot, named arguments before a colon.
      if (word.before == '|' || word.before == '.' || word.after == ':') continue;
      if (word.name.empty() || is_keyword(word.name) || own.contains(word.name)) continue;
      VariableUse use{std::string(word.name), has_default || !output};
      if (std::ranges::find(uses, use) == uses.end()) uses.push_back(std::move(use));
    }
  });
  return uses;
}

std::string mask_tags(std::string_view text, char with) {
  std::string masked(text);
  each_tag(text, [&](std::size_t at, std::size_t length, std::string_view, bool) {
    masked.replace(at, length, length, with);
  });
  return masked;
}

std::string place_of(std::string_view text, std::size_t at) {
  const std::string_view before = text.substr(0, std::min(at, text.size()));
  const auto line = 1 + std::ranges::count(before, '\n');
  const std::size_t start = before.rfind('\n');
  const std::size_t column = before.size() - (start == std::string_view::npos ? 0 : start + 1) + 1;
  return std::to_string(line) + ":" + std::to_string(column);
}

}  // namespace hongyan::check
