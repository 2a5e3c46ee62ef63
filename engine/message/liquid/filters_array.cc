#include "base/text.h"
#include "base/utf8.h"
#include "engine/message/liquid/characters.h"
#include "engine/message/liquid/context.h"
#include "engine/message/liquid/items.h"
#include "engine/message/liquid/number.h"

#include <algorithm>
#include <unordered_set>

namespace hongyan::liquid {
namespace {

Value join(Call& call) {
  const auto items = items_of(call, call.input);
  if (!items) return {};
  const Text glue = call.count() > 0 ? call.text_of(call.argument(0)) : Text::borrowed(" ");
  std::string out;
  const std::size_t limit = call.context.memory_left();
  bool first = true;
  for (const Value& item : *items) {
    if (!std::exchange(first, false)) out += glue.view();
    if (out.size() > limit || !append_text(item, out, limit)) break;
  }
  return call.made(std::move(out));
}

template <bool first>
Value end_of(Call& call) {
  if (const Array* items = call.input.items()) {
    if (items->empty()) return {};
    return first ? items->front() : items->back();
  }
  if (const auto* range = call.input.as<Range>())
    return Value::integer(first ? range->first : range->last);
  if (const Hash* members = call.input.members(); members != nullptr && first && !members->empty())
    return Value::array({Value(Value::Shared(members->front().first)), members->front().second});
  const auto* text = call.input.as<Text>();
  if (text == nullptr) return {};
  if (text->view().empty()) return Value::borrowed("");
  return call.made(
      std::string(first ? first_character(text->view()) : last_character(text->view())));
}

Value size(Call& call) {
  constexpr std::int64_t kBytesOfInteger = 8;  // what the reference says
  std::size_t size = 0;
  if (const auto* text = call.input.as<Text>()) size = count_code_points(text->view());
  if (const Array* items = call.input.items()) size = items->size();
  if (const Hash* members = call.input.members()) size = members->size();
  if (const auto* range = call.input.as<Range>()) size = range->size();
  if (call.input.as<std::int64_t>() != nullptr) return Value::integer(kBytesOfInteger);
  return Value::integer(static_cast<std::int64_t>(size));
}

Value reverse(Call& call) {
  auto items = items_of(call, call.input);
  if (!items) return {};
  std::ranges::reverse(*items);
  return Value::array(std::move(*items));
}

Value concat(Call& call) {
  const Array* more = call.argument(0).items();
  if (more == nullptr && call.argument(0).as<Range>() == nullptr)
    return call.fail("`concat` needs an array, not " + std::string(kind_name(call.argument(0))));
  auto items = items_of(call, call.input);
  if (!items) return {};
  if (more != nullptr) {
    if (!call.spend(more->size() + items->size())) return {};
    items->insert(items->end(), more->begin(), more->end());
  } else if (const auto numbers = items_of(call, call.argument(0))) {
    items->insert(items->end(), numbers->begin(), numbers->end());
  }
  return Value::array(std::move(*items));
}

// What each item is compared by: itself or its property. Nothing when there is none to take, or
// after fail(): then the filter's value is nil.
std::optional<Array> keys_of(Call& call, const Array& items) {
  const bool whole = call.count() == 0 || call.argument(0).is_nil();
  if (whole) return items;
  Array keys;
  for (const Value& item : items) {
    Property property = property_of(item, call.argument(0));
    if (property.state == Property::State::kWrong) fail_property(call, call.argument(0));
    if (property.state != Property::State::kFound) return std::nullopt;
    keys.push_back(std::move(property.value));
  }
  return keys;
}

Value uniq(Call& call) {
  const auto items = items_of(call, call.input);
  if (!items) return {};
  const auto keys = keys_of(call, *items);
  if (!keys) return {};
  std::unordered_set<std::string> seen;
  Array kept;
  for (std::size_t i = 0; i < items->size(); ++i) {
    std::string key;
    if (!append_inspected((*keys)[i], key, call.context.memory_left())) call.context.too_large();
    if (!call.grow(key.size())) return {};
    if (seen.insert(std::move(key)).second) kept.push_back((*items)[i]);
  }
  return Value::array(std::move(kept));
}

Value compact(Call& call) {
  const auto items = items_of(call, call.input);
  if (!items) return {};
  const auto keys = keys_of(call, *items);
  if (!keys) return {};
  Array kept;
  for (std::size_t i = 0; i < items->size(); ++i)
    if (!(*keys)[i].is_nil()) kept.push_back((*items)[i]);
  return Value::array(std::move(kept));
}

// Nil comes last. Nothing when the two cannot be compared.
std::optional<int> order(const Value& a, const Value& b) {
  if (a.is_nil() || b.is_nil()) return static_cast<int>(a.is_nil()) - static_cast<int>(b.is_nil());
  if (a.is_number() && b.is_number()) return compare_numbers(a, b);
  const auto *x = a.as<Text>(), *y = b.as<Text>();
  if (x != nullptr && y != nullptr) return x->view().compare(y->view());
  return equal(a, b) ? std::optional(0) : std::nullopt;
}

struct Keyed {
  std::size_t place;
  Value key;
  std::string text;
};

template <class Less>
Value sorted(Call& call, const Array& items, std::vector<Keyed> keyed, Less less) {
  std::size_t rounds = 1;
  for (std::size_t n = keyed.size(); n > 1; n /= 2) ++rounds;
  if (!call.spend(keyed.size() * rounds)) return {};
  std::ranges::sort(keyed, [&](const Keyed& a, const Keyed& b) {
    return less(a, b) || (!less(b, a) && a.place < b.place);
  });
  Array out;
  for (const Keyed& entry : keyed) out.push_back(items[entry.place]);
  return Value::array(std::move(out));
}

Value sort(Call& call) {
  const auto items = items_of(call, call.input);
  if (!items) return {};
  const auto keys = keys_of(call, *items);
  if (!keys) return {};
  std::vector<Keyed> keyed;
  const Value* example = nullptr;  // all of one kind, or the order would have gaps
  for (std::size_t i = 0; i < keys->size(); ++i) {
    const Value& key = (*keys)[i];
    if (!key.is_nil()) {
      if (example != nullptr && !order(*example, key))
        return call.fail("cannot sort " + std::string(kind_name(*example)) + " with " +
                         std::string(kind_name(key)));
      example = &key;
    }
    keyed.push_back({i, key, {}});
  }
  return sorted(call, *items, std::move(keyed),
                [](const Keyed& a, const Keyed& b) { return order(a.key, b.key).value_or(0) < 0; });
}

Value sort_natural(Call& call) {
  const auto items = items_of(call, call.input);
  if (!items) return {};
  const auto keys = keys_of(call, *items);
  if (!keys) return {};
  std::vector<Keyed> keyed;
  for (std::size_t i = 0; i < keys->size(); ++i)
    keyed.push_back({i, (*keys)[i], ascii_lower(call.text_of((*keys)[i]).view())});
  return sorted(call, *items, std::move(keyed), [](const Keyed& a, const Keyed& b) {
    if (a.key.is_nil() || b.key.is_nil()) return !a.key.is_nil() && b.key.is_nil();
    return a.text < b.text;
  });
}

constexpr Filter kFilters[] = {
    {"compact", compact, 0, 1},
    {"concat", concat, 1, 1},
    {"first", end_of<true>},
    {"join", join, 0, 1},
    {"last", end_of<false>},
    {"reverse", reverse},
    {"size", size},
    {"sort", sort, 0, 1},
    {"sort_natural", sort_natural, 0, 1},
    {"uniq", uniq, 0, 1},
};

}  // namespace

std::span<const Filter> array_filters() {
  return kFilters;
}

}  // namespace hongyan::liquid
