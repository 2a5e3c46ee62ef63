#include "engine/config/node.h"

#include <boost/json.hpp>

#include <array>
#include <charconv>
#include <utility>

namespace hongyan::config {
namespace {

namespace json = boost::json;

Node from_json(const json::value& value, const std::string& where) {
  Node node;
  node.where = where;
  switch (value.kind()) {
    case json::kind::object:
      for (const auto& [key, child] : value.get_object())
        node.entries.emplace(key, from_json(child, where));
      return node;
    case json::kind::array:
      node.kind = Node::Kind::kArray;
      for (const json::value& child : value.get_array())
        node.items.push_back(from_json(child, where));
      return node;
    case json::kind::string:
      node = Node::of(std::string(value.get_string()));
      break;
    case json::kind::int64:
      node = Node::of(value.get_int64());
      break;
    case json::kind::uint64:
    case json::kind::double_:
      node = Node::of(value.to_number<double>());
      break;
    case json::kind::bool_:
      node = Node::of(value.get_bool());
      break;
    case json::kind::null:
      node.kind = Node::Kind::kDate;  // neither has a use here: a wrong type wherever it stands
      break;
  }
  node.where = where;
  return node;
}

void append_json(const Node& node, std::string& out) {
  switch (node.kind) {
    case Node::Kind::kTable: {
      out += '{';
      bool first = true;
      for (const auto& [key, child] : node.entries) {
        if (!std::exchange(first, false)) out += ',';
        out += json::serialize(json::string(key)) + ':';
        append_json(child, out);
      }
      out += '}';
      return;
    }
    case Node::Kind::kArray: {
      out += '[';
      bool first = true;
      for (const Node& child : node.items) {
        if (!std::exchange(first, false)) out += ',';
        append_json(child, out);
      }
      out += ']';
      return;
    }
    case Node::Kind::kString:
      out += json::serialize(json::string(node.text));
      return;
    case Node::Kind::kInteger:
      out += std::to_string(node.integer);
      return;
    case Node::Kind::kReal: {
      std::array<char, 32> digits;
      const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), node.real).ptr;
      out.append(digits.data(), end);
      return;
    }
    case Node::Kind::kBoolean:
      out += node.boolean ? "true" : "false";
      return;
    case Node::Kind::kDate:
      out += "null";
      return;
  }
}

void flatten_into(const Node& node, const std::string& path,
                  std::map<std::string, std::string>& out) {
  if (node.kind != Node::Kind::kTable) {
    out[path] = to_json(node);
    return;
  }
  for (const auto& [key, child] : node.entries)
    flatten_into(child, path.empty() ? key : path + "." + key, out);
}

}  // namespace

Node Node::of(std::string value) {
  return {.kind = Kind::kString, .text = std::move(value)};
}
Node Node::of(std::int64_t value) {
  return {.kind = Kind::kInteger, .integer = value};
}
Node Node::of(double value) {
  return {.kind = Kind::kReal, .real = value};
}
Node Node::of(bool value) {
  return {.kind = Kind::kBoolean, .boolean = value};
}

std::string_view kind_name(Node::Kind kind) {
  switch (kind) {
    case Node::Kind::kTable:
      return "a table";
    case Node::Kind::kArray:
      return "a list";
    case Node::Kind::kString:
      return "a string";
    case Node::Kind::kInteger:
      return "a whole number";
    case Node::Kind::kReal:
      return "a number with a fraction";
    case Node::Kind::kBoolean:
      return "true or false";
    case Node::Kind::kDate:
      return "a date or nothing";
  }
  return "";
}

std::expected<Node, Faults> parse_json(std::string_view text, const std::string& name) {
  boost::system::error_code error;
  const json::value value = json::parse(text, error);
  if (error) return std::unexpected(Faults{{name, "is no JSON: " + error.message(), ""}});
  if (!value.is_object()) return std::unexpected(Faults{{name, "is no JSON object", ""}});
  return from_json(value, name);
}

std::string to_json(const Node& node) {
  std::string out;
  append_json(node, out);
  return out;
}

std::map<std::string, std::string> flatten(const Node& node) {
  std::map<std::string, std::string> out;
  flatten_into(node, "", out);
  return out;
}

}  // namespace hongyan::config
