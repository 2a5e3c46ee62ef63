#pragma once

#include "base/error.h"
#include "engine/message/message.h"
#include "engine/message/template.h"

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hongyan::message {

// The segments of one header or part that are evaluated for each recipient, in order: what one
// assigns the next one sees.
struct Evaluated {
  struct Piece {
    std::size_t slot = 0;
    std::size_t first = 0;  // nodes
    std::size_t last = 0;
  };
  std::shared_ptr<const liquid::Template> parsed;
  std::string where;  // "subject", "html"
  bool html = false;
  std::vector<Piece> pieces;
};

struct Evaluation {
  std::chrono::minutes utc_offset{0};
  bool accepts_unknown = false;
};

// Fills the values of their slots with views of `text`. Refuses the recipient as Compiled::render
// does.
Result<void> evaluate(const std::vector<Evaluated>& templates, const Recipient& recipient,
                      const Evaluation& options, std::string& text,
                      std::vector<std::string_view>& values);

// All of a template, not escaped, as people would read it.
Result<std::string> evaluate_text(std::string_view source, const Recipient& recipient,
                                  const Evaluation& options);

}  // namespace hongyan::message
