#pragma once

#include "engine/message/liquid/value.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hongyan::liquid {

class Context;

// One use of a filter. When something is wrong a filter returns fail(); then its value is not used.
struct Call {
  Context& context;
  Value input;
  std::span<const Value> arguments;
  std::span<const std::pair<std::string_view, Value>> named;

  Value fail(std::string what);
  // Counts work and memory, before or while it is used; false when it is too much.
  bool spend(std::size_t items);
  bool grow(std::size_t bytes);
  // Counts the bytes of `text`.
  Value made(std::string text);

  std::size_t count() const { return arguments.size(); }
  const Value& argument(std::size_t i) const { return arguments[i]; }
  // As text: of the input, of an argument.
  Text text_of(const Value& value);
  // A whole number is needed; nothing after fail().
  std::optional<std::int64_t> integer_of(const Value& value);
};

struct Filter {
  std::string_view name;
  Value (*apply)(Call& call);
  unsigned char least = 0;  // arguments after the colon
  unsigned char most = 0;
  std::string_view named = {};  // the only named argument it has
};

// nullptr when there is none.
const Filter* find_filter(std::string_view name);
std::span<const std::string> filter_names();

std::span<const Filter> string_filters();
std::span<const Filter> part_filters();
std::span<const Filter> markup_filters();
std::span<const Filter> array_filters();
std::span<const Filter> select_filters();
std::span<const Filter> number_filters();
std::span<const Filter> date_filters();

}  // namespace hongyan::liquid
