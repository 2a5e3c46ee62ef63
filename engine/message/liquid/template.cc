#include "engine/message/liquid/template.h"

#include "base/text.h"
#include "engine/message/liquid/parser.h"
#include "engine/message/liquid/renderer.h"

#include <algorithm>

namespace hongyan::liquid {

std::string Complaint::sentence() const {
  std::string text = std::to_string(place.line) + ":" + std::to_string(place.column) + ": " + what;
  if (!place.excerpt.empty()) text += ": near `" + place.excerpt + "`";
  return text;
}

std::optional<Value> JsonData::find(std::string_view name) const {
  const Hash* members = members_.members();
  const Value* found = members == nullptr ? nullptr : find_member(*members, name);
  return found == nullptr ? std::nullopt : std::optional(*found);
}

std::expected<Template, std::vector<Complaint>> Template::parse(std::string_view source) {
  Problems problems;
  Template parsed;
  parsed.source_ = std::make_unique<const std::string>(source);
  if (is_valid_utf8(source)) {
    Parser parser(*parsed.source_, problems);
    parser.run(parsed.body_);
    parsed.set_ = parser.take_names();
    parsed.may_end_early_ = parser.has_loose_interrupt();
  } else {
    problems.add(0, "is not valid UTF-8");
  }
  if (problems.list().empty()) return parsed;
  std::vector<Complaint> complaints;
  for (const Problem& problem : problems.list())
    complaints.push_back({problem.what, place_of(*parsed.source_, problem.at)});
  return std::unexpected(std::move(complaints));
}

bool Template::sets(std::string_view name) const {
  return std::ranges::find(set_, name) != set_.end();
}

Session::Session(const Template& parsed, const Data& data, const Options& options)
    : parsed_(parsed), context_(std::make_unique<Context>(parsed, data, options)) {}
Session::~Session() = default;

bool Session::run(std::size_t first, std::size_t last, std::string& out) {
  Renderer(*context_).run(std::span(parsed_.nodes()).subspan(first, last - first), out);
  return !context_->failed();
}

const RenderError& Session::error() const {
  return context_->error();
}

std::expected<std::string, RenderError> render(const Template& parsed, const Data& data,
                                               const Options& options) {
  Session session(parsed, data, options);
  std::string out;
  if (!session.run(0, parsed.nodes().size(), out)) return std::unexpected(session.error());
  return out;
}

}  // namespace hongyan::liquid
