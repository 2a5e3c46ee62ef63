#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hongyan::check {

// What a template says about itself without being rendered. Understands `{{ ... }}` and `{% ... %}`
// only as far as needed, so it does not follow what filters and tags mean.

struct VariableUse {
  std::string name;          // of `a.b`: a
  bool has_default = false;  // an output with the filter `default`
  friend bool operator==(const VariableUse&, const VariableUse&) = default;
};

// Each name once per kind of use, in the order of the text. Names that the template makes itself
// (assign, capture, for ...) are left out.
std::vector<VariableUse> used_variables(std::string_view text);

// The same text with each tag replaced by as many bytes of `with`: what is left is the author's
// own, at its place.
std::string mask_tags(std::string_view text, char with);

// 1-based, columns in bytes: "3:14".
std::string place_of(std::string_view text, std::size_t at);

}  // namespace hongyan::check
