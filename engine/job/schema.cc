#include "engine/job/schema.h"

#include "base/text.h"
#include "base/utf8.h"
#include "engine/job/schema_node.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace hongyan::job {
namespace {

// A hostile document must not make a report larger than itself.
constexpr std::size_t kMaxFaults = 100;

bool has_type(const Json& value, std::string_view type) {
  switch (value.kind()) {
    case Json::Kind::kNull:
      return type == "null";
    case Json::Kind::kBool:
      return type == "boolean";
    case Json::Kind::kString:
      return type == "string";
    case Json::Kind::kArray:
      return type == "array";
    case Json::Kind::kObject:
      return type == "object";
    case Json::Kind::kNumber: {
      const double number = value.as_double();
      return type == "number" || (type == "integer" && std::trunc(number) == number);
    }
  }
  return false;
}

bool equal(const Json& a, const Json& b) {
  if (a.is(Json::Kind::kNumber) && b.is(Json::Kind::kNumber)) return a.as_double() == b.as_double();
  return a.kind() == b.kind() && to_json(a) == to_json(b);
}

std::string with_article(std::string_view type) {
  if (type == "null") return "null";
  const bool vowel = std::string_view("aeiou").contains(type[0]);
  return (vowel ? "an " : "a ") + std::string(type);
}

template <class Range, class Print>
std::string listed(const Range& range, std::string_view last, Print print) {
  std::string out;
  for (std::size_t i = 0; i < range.size(); ++i) {
    if (i > 0) out += i + 1 == range.size() ? last : ", ";
    out += print(range[i]);
  }
  return out;
}

std::string shown_key(std::string_view key) {
  return escape_control(key.substr(0, 64));
}

}  // namespace

class Schema::Checker {
 public:
  explicit Checker(Faults& faults) : faults_(faults) {}

  void check(const Node& node, const Json& value, const std::string& path) {
    if (faults_.size() >= kMaxFaults) return;
    const auto fits = [&](const std::string& type) { return has_type(value, type); };
    if (!node.types.empty() && std::ranges::none_of(node.types, fits)) {
      fault(path, "is " + std::string(value.kind_name()) + "; " +
                      listed(node.types, " or ", with_article) + " is needed");
      return;
    }
    if (!node.allowed.empty() &&
        std::ranges::none_of(node.allowed, [&](const Json& a) { return equal(a, value); }))
      not_allowed(node, value, path);
    switch (value.kind()) {
      case Json::Kind::kString:
        string(node, value, path);
        break;
      case Json::Kind::kNumber:
        within(node.value, value.as_double(), "must be", "", path);
        break;
      case Json::Kind::kArray:
        array(node, value, path);
        break;
      case Json::Kind::kObject:
        object(node, value, path);
        break;
      case Json::Kind::kNull:
      case Json::Kind::kBool:
        break;
    }
    branches(node.any_of, false, value, path);
    branches(node.one_of, true, value, path);
  }

 private:
  void fault(const std::string& path, std::string what, std::string hint = {}) {
    if (faults_.size() < kMaxFaults)
      faults_.push_back({path.empty() ? "document" : path, std::move(what), std::move(hint)});
  }

  void not_allowed(const Node& node, const Json& value, const std::string& path) {
    std::vector<std::string> words;
    for (const Json& allowed : node.allowed)
      words.push_back(allowed.text().empty() ? to_json(allowed) : allowed.text());
    const auto hint = value.is(Json::Kind::kString) ? nearest(value.text(), words) : std::nullopt;
    fault(path, "must be " + listed(words, " or ", [](const std::string& word) { return word; }),
          hint ? "did you mean `" + *hint + "`?" : "");
  }

  void within(const Node::Range& range, double value, std::string_view verb, std::string_view unit,
              const std::string& path) {
    if (range.least && value < *range.least)
      fault(path, fmt::format("{} at least {}{}", verb, *range.least, unit));
    if (range.most && value > *range.most)
      fault(path, fmt::format("{} at most {}{}", verb, *range.most, unit));
  }

  void string(const Node& node, const Json& value, const std::string& path) {
    if (node.length.least || node.length.most)
      within(node.length, static_cast<double>(count_code_points(value.text())), "must have",
             " characters", path);
    if (node.pattern && !RE2::PartialMatch(value.text(), *node.pattern))
      fault(path, "does not match " + node.pattern->pattern());
  }

  void array(const Node& node, const Json& value, const std::string& path) {
    within(node.item_count, static_cast<double>(value.items().size()), "must have", " items", path);
    if (!node.items) return;
    for (std::size_t i = 0; i < value.items().size(); ++i)
      check(*node.items, value.items()[i], path + "[" + std::to_string(i) + "]");
  }

  void object(const Node& node, const Json& value, const std::string& path) {
    within(node.property_count, static_cast<double>(value.members().size()), "must have",
           " members", path);
    for (const std::string& key : node.required)
      if (value.find(key) == nullptr) fault(join_path(path, key), "is missing");
    for (const auto& [key, member] : value.members()) {
      const std::string at = join_path(path, shown_key(key));
      if (node.property_names) check(*node.property_names, Json::string(key), at);
      if (const auto known = node.properties.find(key); known != node.properties.end())
        check(*known->second, member, at);
      else if (node.additional)
        check(*node.additional, member, at);
      else if (node.closed)
        unknown_key(node, key, at);
    }
  }

  void unknown_key(const Node& node, std::string_view key, const std::string& at) {
    std::vector<std::string> known;
    for (const auto& [name, ignored] : node.properties) known.push_back(name);
    const auto hint = nearest(key.substr(0, 64), known);
    fault(at, "is no known key", hint ? "did you mean `" + *hint + "`?" : "");
  }

  // One fault that names what each branch misses.
  void branches(const std::vector<Node::Ptr>& nodes, bool exactly_one, const Json& value,
                const std::string& path) {
    if (nodes.empty()) return;
    std::size_t fitting = 0;
    std::vector<std::string> misses;
    for (const Node::Ptr& node : nodes) {
      Faults inner;
      Checker(inner).check(*node, value, path);
      fitting += inner.empty();
      if (!inner.empty()) misses.push_back(inner.front().where + " " + inner.front().what);
    }
    if (fitting == 0)
      fault(path, listed(misses, " and ", [](const std::string& miss) { return miss; }),
            "one of them is needed");
    else if (exactly_one && fitting > 1)
      fault(path, "takes several forms at once", "only one is allowed");
  }

  Faults& faults_;
};

Faults Schema::check(const Json& document) const {
  Faults faults;
  Checker(faults).check(*root_, document, "");
  return faults;
}

}  // namespace hongyan::job
