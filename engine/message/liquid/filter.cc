#include "engine/message/liquid/filter.h"

#include "engine/message/liquid/context.h"
#include "engine/message/liquid/number.h"

#include <algorithm>
#include <unordered_map>

namespace hongyan::liquid {
namespace {

using Table = std::unordered_map<std::string_view, const Filter*>;

const Table& table() {
  static const Table kTable = [] {
    Table made;
    for (const auto filters : {string_filters(), part_filters(), markup_filters(), array_filters(),
                               select_filters(), number_filters(), date_filters()})
      for (const Filter& filter : filters) made.emplace(filter.name, &filter);
    return made;
  }();
  return kTable;
}

}  // namespace

const Filter* find_filter(std::string_view name) {
  const auto found = table().find(name);
  return found == table().end() ? nullptr : found->second;
}

std::span<const std::string> filter_names() {
  static const std::vector<std::string> kNames = [] {
    std::vector<std::string> names;
    for (const auto& [name, filter] : table()) names.emplace_back(name);
    std::ranges::sort(names);
    return names;
  }();
  return kNames;
}

Value Call::fail(std::string what) {
  context.fail(std::move(what));
  return {};
}

bool Call::spend(std::size_t items) {
  return context.spend(items);
}

bool Call::grow(std::size_t bytes) {
  constexpr std::size_t kBytesPerStep = 64;
  return context.grow(bytes) && context.spend(bytes / kBytesPerStep);
}

Value Call::made(std::string text) {
  return grow(text.size()) ? Value::text(std::move(text)) : Value();
}

Text Call::text_of(const Value& value) {
  if (const auto* text = value.as<Text>()) return *text;
  std::string made;
  if (!append_text(value, made, context.memory_left()) || !grow(made.size())) context.too_large();
  return Text::owned(std::move(made));
}

std::optional<std::int64_t> Call::integer_of(const Value& value) {
  const auto whole = to_integer(value);
  if (!whole) fail("a whole number is needed, not " + std::string(kind_name(value)));
  return whole;
}

}  // namespace hongyan::liquid
