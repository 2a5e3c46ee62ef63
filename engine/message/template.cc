#include "engine/message/template.h"

#include "engine/message/liquid/filter.h"

#include <utility>

namespace hongyan::message {
namespace {

using Kind = Segment::Kind;

// The name of a variable that stands by itself and is the recipient's own.
std::optional<std::string_view> variable_name(const liquid::Expression& expression,
                                              const liquid::Template& parsed) {
  const liquid::Lookup* lookup = expression.lookup();
  if (lookup == nullptr || !lookup->steps.empty()) return std::nullopt;
  const auto* root = std::get_if<liquid::Value>(&lookup->root.form);
  const auto* name = root == nullptr ? nullptr : root->as<liquid::Text>();
  if (name == nullptr || parsed.sets(name->view())) return std::nullopt;
  return name->view();
}

std::optional<std::string> fallback_of(const liquid::FilterCall& call) {
  if (call.arguments.size() != 1 || !call.named.empty()) return std::nullopt;
  const auto* literal = std::get_if<liquid::Value>(&call.arguments[0].form);
  const auto* text = literal == nullptr ? nullptr : literal->as<liquid::Text>();
  return text == nullptr ? std::nullopt : std::optional<std::string>(text->view());
}

std::optional<Segment> simple(const liquid::OutputNode& node, const liquid::Template& parsed) {
  const auto name = variable_name(node.value.subject, parsed);
  if (!name) return std::nullopt;
  Segment segment{Kind::kVariable, std::string(*name)};
  for (const liquid::FilterCall& call : node.value.filters) {
    if (call.filter->name == "raw") {
      segment.raw = true;
    } else if (call.filter->name == "default" && !segment.raw && !segment.fallback) {
      segment.fallback = fallback_of(call);
      if (!segment.fallback) return std::nullopt;
    } else {
      return std::nullopt;
    }
  }
  return segment;
}

}  // namespace

ParsedTemplate parse_template(std::string_view text, std::string_view where, Faults& faults) {
  const auto fault = [&](const std::string& what) {
    faults.push_back({std::string(where) + ":1:1", what, {}});
    return ParsedTemplate();
  };
  if (text.size() > kMaxTemplateBytes)
    return fault("is larger than " + std::to_string(kMaxTemplateBytes) + " bytes");
  auto made = liquid::Template::parse(text);
  if (!made) {
    for (const liquid::Complaint& complaint : made.error()) {
      const liquid::Place& place = complaint.place;
      faults.push_back({std::string(where) + ":" + std::to_string(place.line) + ":" +
                            std::to_string(place.column),
                        complaint.what,
                        place.excerpt.empty() ? std::string() : "near `" + place.excerpt + "`"});
    }
    return {};
  }
  auto parsed = std::make_shared<const liquid::Template>(*std::move(made));
  const std::vector<liquid::Node>& nodes = parsed->nodes();
  ParsedTemplate result;
  const auto evaluate = [&](std::size_t first, std::size_t last) {
    const std::size_t begin = nodes[first].at;
    const std::size_t end = last < nodes.size() ? nodes[last].at : text.size();
    result.segments.push_back({.kind = Kind::kEvaluated,
                               .text = std::string(text.substr(begin, end - begin)),
                               .first = first,
                               .last = last});
    result.evaluated = parsed;
  };
  if (parsed->may_end_early()) {
    evaluate(0, nodes.size());
    return result;
  }
  std::size_t variables = 0;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (const auto* literal = std::get_if<liquid::TextNode>(&nodes[i].form)) {
      if (!literal->text.empty())
        result.segments.push_back({Kind::kLiteral, std::string(literal->text)});
      continue;
    }
    if (++variables > kMaxVariables)
      return fault("more than " + std::to_string(kMaxVariables) + " outputs and tags");
    const auto* output = std::get_if<liquid::OutputNode>(&nodes[i].form);
    auto segment = output == nullptr ? std::nullopt : simple(*output, *parsed);
    if (segment) {
      result.segments.push_back(*std::move(segment));
    } else {
      evaluate(i, i + 1);
    }
  }
  return result;
}

}  // namespace hongyan::message
