#pragma once

#include <string>
#include <string_view>

namespace hongyan {

// A recipient's variable on its way from list to template is a string; one that the list gives as a
// number, a boolean, an array or an object is its JSON behind a mark, so that templates can tell 7
// from "7". A text that begins with the mark is written as JSON too.
inline constexpr char kJsonMark = '\x01';

inline bool is_json_value(std::string_view value) {
  return value.starts_with(kJsonMark);
}
// What stands behind the mark.
inline std::string_view json_of_value(std::string_view value) {
  return value.substr(1);
}
void assign_json_value(std::string& value, std::string_view json);
void assign_text_value(std::string& value, std::string_view text);

}  // namespace hongyan
