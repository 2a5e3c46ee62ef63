#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hongyan {

// The value of an enum whose word in files the text is. `name_of` names all values from 0 to
// `last`, without gaps.
template <class E>
std::optional<E> find_word(std::string_view text, std::string_view (*name_of)(E), E last) {
  for (int i = 0; i <= static_cast<int>(last); ++i)
    if (const auto value = static_cast<E>(i); name_of(value) == text) return value;
  return std::nullopt;
}

// What is wrong with a text that must be such a word; empty: nothing.
template <class E>
std::string check_word(std::string_view text, std::string_view (*name_of)(E), E last) {
  if (find_word(text, name_of, last)) return {};
  std::string all;
  for (int i = 0; i <= static_cast<int>(last); ++i)
    all += (i == 0 ? "" : ", ") + std::string(name_of(static_cast<E>(i)));
  return "is none of " + all;
}

}  // namespace hongyan
