#include "base/utf8.h"
#include "engine/message/liquid/characters.h"
#include "engine/message/liquid/context.h"
#include "engine/message/liquid/filter.h"

#include <algorithm>

namespace hongyan::liquid {
namespace {

enum class Which : unsigned char { kAll, kFirst, kLast };

// An empty `wanted` is found before each character and at the end.
std::string replace_all(Call& call, std::string_view text, std::string_view wanted,
                        std::string_view instead) {
  std::string out;
  const std::size_t limit = call.context.memory_left();
  while (out.size() <= limit) {
    if (wanted.empty()) {
      out += instead;
      if (text.empty()) return out;
      const std::string_view character = first_character(text);
      out += character;
      text.remove_prefix(character.size());
      continue;
    }
    const std::size_t found = text.find(wanted);
    out += text.substr(0, found);
    if (found == std::string_view::npos) return out;
    out += instead;
    text.remove_prefix(found + wanted.size());
  }
  return out;
}

Value replace(Call& call, Which which, const Text& instead) {
  const Text input = call.text_of(call.input);
  const Text given = call.text_of(call.argument(0));
  const std::string_view text = input.view();
  const std::string_view wanted = given.view();
  if (which == Which::kAll) return call.made(replace_all(call, text, wanted, instead.view()));
  const std::size_t found = which == Which::kFirst ? text.find(wanted) : text.rfind(wanted);
  if (found == std::string_view::npos) return Value(Value::Shared(input));
  if (!call.grow(text.size() + instead.view().size())) return {};
  return Value::text(std::string(text).replace(found, wanted.size(), instead.view()));
}

template <Which which>
Value replaced(Call& call) {
  return replace(call, which, call.count() > 1 ? call.text_of(call.argument(1)) : Text());
}

template <Which which>
Value removed(Call& call) {
  return replace(call, which, Text());
}

Value slice(Call& call) {
  const auto offset = call.integer_of(call.argument(0));
  const bool given = call.count() > 1 && !call.argument(1).is_nil();
  const auto length = given ? call.integer_of(call.argument(1)) : 1;
  if (!offset || !length) return {};
  const Array* items = call.input.items();
  const Text text = items == nullptr ? call.text_of(call.input) : Text();
  const auto size =
      static_cast<std::int64_t>(items == nullptr ? count_code_points(text.view()) : items->size());
  const std::int64_t begin = *offset < 0 ? *offset + size : *offset;
  const bool nothing = begin < 0 || begin > size || *length < 0;
  const std::int64_t count = nothing ? 0 : std::min(*length, size - begin);
  if (items != nullptr) {
    if (count == 0) return Value::array({});
    if (!call.spend(static_cast<std::size_t>(count))) return {};
    const auto first = items->begin() + begin;
    return Value::array(Array(first, first + count));
  }
  if (count == 0) return Value::borrowed("");
  std::string_view part = text.view();
  part.remove_prefix(bytes_of(part, static_cast<std::size_t>(begin)));
  return call.made(std::string(part.substr(0, bytes_of(part, static_cast<std::size_t>(count)))));
}

Value truncate(Call& call) {
  if (call.input.is_nil()) return {};
  const auto given = call.count() > 0 ? call.integer_of(call.argument(0)) : 50;
  if (!given) return {};
  const Text input = call.text_of(call.input);
  const Text end = call.count() > 1 ? call.text_of(call.argument(1)) : Text::borrowed("...");
  if (static_cast<std::int64_t>(count_code_points(input.view())) <= *given)
    return Value(Value::Shared(input));
  const auto kept =
      std::max<std::int64_t>(*given - static_cast<std::int64_t>(count_code_points(end.view())), 0);
  const std::string_view part =
      input.view().substr(0, bytes_of(input.view(), static_cast<std::size_t>(kept)));
  return call.made(std::string(part) + std::string(end.view()));
}

// As many words, single blanks between them; what is short enough stays as it is.
Value truncate_words(Call& call) {
  if (call.input.is_nil()) return {};
  const auto given = call.count() > 0 ? call.integer_of(call.argument(0)) : 15;
  if (!given) return {};
  const auto most = static_cast<std::size_t>(std::max<std::int64_t>(*given, 1));
  const Text input = call.text_of(call.input);
  const Text end = call.count() > 1 ? call.text_of(call.argument(1)) : Text::borrowed("...");
  std::string out;
  std::string_view rest = input.view();
  for (std::size_t words = 0;; ++words) {
    while (!rest.empty() && is_space(rest.front())) rest.remove_prefix(1);
    if (rest.empty()) return Value(Value::Shared(input));
    if (words == most) return call.made(out + std::string(end.view()));
    const auto size = static_cast<std::size_t>(std::ranges::find_if(rest, is_space) - rest.begin());
    if (words > 0) out += ' ';
    out += rest.substr(0, size);
    rest.remove_prefix(size);
  }
}

// By a blank: words. By nothing: characters. Empty parts at the end are dropped.
Value split(Call& call) {
  const Text input = call.text_of(call.input);
  const Text given = call.text_of(call.argument(0));
  const std::string_view mark = given.view();
  std::string_view rest = input.view();
  if (!call.grow(rest.size())) return {};
  const bool words = mark == " ";
  Array parts;
  const auto skip_blanks = [&] {
    while (words && !rest.empty() && is_space(rest.front())) rest.remove_prefix(1);
  };
  for (skip_blanks(); !rest.empty(); skip_blanks()) {
    if (!call.spend(1)) return {};
    std::size_t size = 0;
    if (words) {
      size = static_cast<std::size_t>(std::ranges::find_if(rest, is_space) - rest.begin());
    } else if (mark.empty()) {
      size = first_character(rest).size();
    } else {
      size = std::min(rest.find(mark), rest.size());
    }
    parts.push_back(Value::text(std::string(rest.substr(0, size))));
    rest.remove_prefix(std::min(size + (words ? 0 : mark.size()), rest.size()));
  }
  while (!parts.empty() && parts.back().is_empty()) parts.pop_back();
  return Value::array(std::move(parts));
}

constexpr Filter kFilters[] = {
    {"remove", removed<Which::kAll>, 1, 1},
    {"remove_first", removed<Which::kFirst>, 1, 1},
    {"remove_last", removed<Which::kLast>, 1, 1},
    {"replace", replaced<Which::kAll>, 1, 2},
    {"replace_first", replaced<Which::kFirst>, 1, 2},
    {"replace_last", replaced<Which::kLast>, 2, 2},
    {"slice", slice, 1, 2},
    {"split", split, 1, 1},
    {"truncate", truncate, 0, 2},
    {"truncatewords", truncate_words, 0, 2},
};

}  // namespace

std::span<const Filter> part_filters() {
  return kFilters;
}

}  // namespace hongyan::liquid
