#pragma once

#include "base/fault.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hongyan::message {

// `{{ name }}` and `{{ name | default: "text" }}`, a subset of Liquid; single quotes do as well.
// A name begins with a letter, `_` or any non-ASCII character and goes on with digits and `-` too.
// The default stands in for a variable that is unknown or empty. `{%` is refused, so that a
// template written for full Liquid is never sent with its tags showing.
inline constexpr std::size_t kMaxTemplateBytes = std::size_t{4} << 20;
inline constexpr std::size_t kMaxVariables = 1000;  // uses in one template

struct Segment {
  std::string literal;   // when `variable` is empty
  std::string variable;  // name
  std::optional<std::string> fallback;
};

// Linear in the text. Appends every fault found (at most 20), located as "where:line:column",
// columns counted in characters from 1; the segments are of use only when none was added.
std::vector<Segment> parse_template(std::string_view text, std::string_view where, Faults& faults);

}  // namespace hongyan::message
