#pragma once

#include "base/fault.h"
#include "engine/message/liquid/template.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hongyan::message {

inline constexpr std::size_t kMaxTemplateBytes = std::size_t{4} << 20;
inline constexpr std::size_t kMaxVariables = 1000;  // outputs and tags that stand in no other tag

// What a template is made of at its outermost, in order. Only kEvaluated needs the language when a
// message is made: `{{ name }}`, also with `default: "text"` or `raw`, is a look into a table.
struct Segment {
  enum class Kind : unsigned char { kLiteral, kVariable, kEvaluated };
  Kind kind = Kind::kLiteral;
  std::string text;  // of kLiteral; of kVariable its name; of kEvaluated how it is written
  std::optional<std::string> fallback = std::nullopt;
  bool raw = false;       // not escaped in HTML
  std::size_t first = 0;  // of kEvaluated: nodes of the template
  std::size_t last = 0;
  std::size_t slot = 0;  // where its value will be
};

struct ParsedTemplate {
  std::vector<Segment> segments;
  std::shared_ptr<const liquid::Template> evaluated;  // when a segment needs it
};

// Linear in the text. Appends every fault found, located as "where:line:column", columns counted
// in characters from 1; what is returned is of use only when none was added.
ParsedTemplate parse_template(std::string_view text, std::string_view where, Faults& faults);

}  // namespace hongyan::message
