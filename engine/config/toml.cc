// The only file that knows toml++.
#include "engine/config/node.h"

#include <toml++/toml.h>

namespace hongyan::config {
namespace {

std::string place(const toml::source_region& source, const std::string& file) {
  return file + ":" + std::to_string(source.begin.line);
}

Node from_toml(const toml::node& value, const std::string& file) {
  Node node;
  if (const auto* table = value.as_table()) {
    for (const auto& [key, child] : *table) {
      Node made = from_toml(child, file);
      // A header's table begins at its bracket; a value's key says better where the line is.
      made.where = place(key.source(), file);
      node.entries.emplace(std::string(key.str()), std::move(made));
    }
  } else if (const auto* array = value.as_array()) {
    node.kind = Node::Kind::kArray;
    for (const toml::node& child : *array) node.items.push_back(from_toml(child, file));
  } else if (const auto* text = value.as_string()) {
    node = Node::of(text->get());
  } else if (const auto* integer = value.as_integer()) {
    node = Node::of(std::int64_t{integer->get()});
  } else if (const auto* real = value.as_floating_point()) {
    node = Node::of(real->get());
  } else if (const auto* boolean = value.as_boolean()) {
    node = Node::of(boolean->get());
  } else {
    node.kind = Node::Kind::kDate;
  }
  node.where = place(value.source(), file);
  return node;
}

}  // namespace

std::expected<Node, Faults> parse_toml(std::string_view text, const std::string& file) {
  try {
    return from_toml(toml::parse(text, file), file);
  } catch (const toml::parse_error& error) {
    return std::unexpected(Faults{
        {place(error.source(), file), "is no TOML: " + std::string(error.description()), ""}});
  }
}

}  // namespace hongyan::config
