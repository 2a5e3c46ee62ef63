#pragma once

#include "base/fault.h"

#include <cstdint>
#include <expected>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace hongyan::config {

// A document before it has a meaning: what TOML and JSON have in common, with the place of each
// value. Reader turns it into the plain structs, Writer makes it from them.
struct Node {
  enum class Kind : unsigned char { kTable, kArray, kString, kInteger, kReal, kBoolean, kDate };

  Kind kind = Kind::kTable;
  std::string text{};
  std::int64_t integer = 0;
  double real = 0;
  bool boolean = false;
  std::vector<Node> items{};
  std::map<std::string, Node> entries{};
  std::string where{};  // "hongyan.toml:12"

  static Node of(std::string value);
  static Node of(std::int64_t value);
  static Node of(double value);
  static Node of(bool value);
  static Node array() { return {.kind = Kind::kArray}; }
};

// "a table", "a string" ...
std::string_view kind_name(Node::Kind kind);

// Either gives one fault when the text is no TOML or no JSON: its parser stops there.
std::expected<Node, Faults> parse_toml(std::string_view text, const std::string& file);
std::expected<Node, Faults> parse_json(std::string_view text, const std::string& name);

// Sorted keys, no blanks.
std::string to_json(const Node& node);

// "channel.quality.price" → "\"0.007\"" for every leaf (arrays are leaves), as TOML and JSON agree.
std::map<std::string, std::string> flatten(const Node& node);

}  // namespace hongyan::config
