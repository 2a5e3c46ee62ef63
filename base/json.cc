#include "base/json.h"

#include "base/json_scan.h"
#include "base/utf8.h"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <optional>
#include <unordered_set>

namespace hongyan {
namespace {

constexpr int kMaxDepth = 32;

class Builder {
 public:
  explicit Builder(std::string_view text) : scan_(text) {}

  std::optional<Json> document() {
    auto value = this->value(0);
    if (value && !scan_.at_end()) scan_.fail("something follows the end of the document");
    return scan_.failed() ? std::nullopt : std::move(value);
  }
  const char* error() const { return scan_.error(); }
  std::size_t offset() const { return scan_.offset(); }

 private:
  std::optional<Json> value(int depth) {
    std::string_view view;
    switch (scan_.peek()) {
      case '"':
        if (!scan_.string(view, scratch_)) return std::nullopt;
        return Json::string(std::string(view));
      case '{':
        return object(depth);
      case '[':
        return array(depth);
      case 't':
      case 'f':
      case 'n':
        if (!scan_.literal(view)) return std::nullopt;
        return view == "null" ? Json() : Json::boolean(view == "true");
      default:
        if (!scan_.number(view)) return std::nullopt;
        return Json::number(std::string(view));
    }
  }

  std::optional<Json> object(int depth) {
    if (depth >= kMaxDepth) return scan_.fail("is nested too deeply"), std::nullopt;
    std::vector<Json::Member> members;
    std::unordered_set<std::string> seen;
    scan_.accept('{');
    if (scan_.accept('}')) return Json::object();
    do {
      std::string_view key;
      if (!scan_.string(key, scratch_)) return std::nullopt;
      std::string owned(key);
      if (!seen.insert(owned).second) return scan_.fail("a key is repeated"), std::nullopt;
      if (!scan_.expect(':')) return std::nullopt;
      auto member = value(depth + 1);
      if (!member) return std::nullopt;
      members.emplace_back(std::move(owned), std::move(*member));
    } while (scan_.accept(','));
    if (!scan_.accept('}')) return scan_.fail("a , or } is expected"), std::nullopt;
    return Json::object(std::move(members));
  }

  std::optional<Json> array(int depth) {
    if (depth >= kMaxDepth) return scan_.fail("is nested too deeply"), std::nullopt;
    std::vector<Json> items;
    scan_.accept('[');
    if (scan_.accept(']')) return Json::array();
    do {
      auto item = value(depth + 1);
      if (!item) return std::nullopt;
      items.push_back(std::move(*item));
    } while (scan_.accept(','));
    if (!scan_.accept(']')) return scan_.fail("a , or ] is expected"), std::nullopt;
    return Json::array(std::move(items));
  }

  JsonScanner scan_;
  std::string scratch_;
};

std::string position(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  const auto lines = std::ranges::count(before, '\n');
  const auto line_start = before.rfind('\n');
  const std::size_t column =
      line_start == std::string_view::npos ? offset : offset - line_start - 1;
  return "line " + std::to_string(lines + 1) + ", column " + std::to_string(column + 1);
}

}  // namespace

Json Json::boolean(bool value) {
  Json json;
  json.kind_ = Kind::kBool;
  json.text_ = value ? "true" : "false";
  return json;
}

Json Json::number(std::string text) {
  Json json;
  json.kind_ = Kind::kNumber;
  json.text_ = std::move(text);
  return json;
}

Json Json::string(std::string text) {
  Json json;
  json.kind_ = Kind::kString;
  json.text_ = std::move(text);
  return json;
}

Json Json::array(std::vector<Json> items) {
  Json json;
  json.kind_ = Kind::kArray;
  json.items_ = std::move(items);
  return json;
}

Json Json::object(std::vector<Member> members) {
  Json json;
  json.kind_ = Kind::kObject;
  json.members_ = std::move(members);
  return json;
}

const Json* Json::find(std::string_view key) const {
  const auto it = std::ranges::find(members_, key, &Member::first);
  return it == members_.end() ? nullptr : &it->second;
}

void Json::set(std::string key, Json value) {
  const auto it = std::ranges::find(members_, key, &Member::first);
  if (it != members_.end())
    it->second = std::move(value);
  else
    members_.emplace_back(std::move(key), std::move(value));
}

double Json::as_double() const {
  return kind_ == Kind::kNumber ? std::strtod(text_.c_str(), nullptr)
                                : std::numeric_limits<double>::quiet_NaN();
}

std::string_view Json::kind_name() const {
  switch (kind_) {
    case Kind::kNull:
      return "null";
    case Kind::kBool:
      return "a boolean";
    case Kind::kNumber:
      return "a number";
    case Kind::kString:
      return "a string";
    case Kind::kArray:
      return "an array";
    case Kind::kObject:
      return "an object";
  }
  return "null";
}

std::expected<Json, Fault> parse_json(std::string_view text) {
  if (const std::size_t good = utf8_prefix(text); good != text.size())
    return std::unexpected(Fault{position(text, good), "is not valid UTF-8", {}});
  Builder builder(text);
  if (auto value = builder.document()) return std::move(*value);
  return std::unexpected(
      Fault{position(text, builder.offset()), std::string("no JSON: ") + builder.error(), {}});
}

void append_json(std::string& out, const Json& value) {
  switch (value.kind()) {
    case Json::Kind::kNull:
      out += "null";
      return;
    case Json::Kind::kBool:
    case Json::Kind::kNumber:
      out += value.text();
      return;
    case Json::Kind::kString:
      append_json_string(out, value.text());
      return;
    case Json::Kind::kArray: {
      char before = '[';
      for (const Json& item : value.items()) {
        out += before;
        append_json(out, item);
        before = ',';
      }
      out += value.items().empty() ? "[]" : "]";
      return;
    }
    case Json::Kind::kObject: {
      char before = '{';
      for (const auto& [key, member] : value.members()) {
        out += before;
        append_json_string(out, key);
        out += ':';
        append_json(out, member);
        before = ',';
      }
      out += value.members().empty() ? "{}" : "}";
      return;
    }
  }
}

std::string to_json(const Json& value) {
  std::string out;
  append_json(out, value);
  return out;
}

}  // namespace hongyan
