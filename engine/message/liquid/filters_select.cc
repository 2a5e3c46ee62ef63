#include "engine/message/liquid/context.h"
#include "engine/message/liquid/items.h"
#include "engine/message/liquid/number.h"

#include <vector>

namespace hongyan::liquid {
namespace {

// Which items have the property, or have it with the value given. Nothing when an item can have
// none, or after fail(): then the filter's value is nil.
std::optional<std::vector<bool>> chosen(Call& call, const Array& items) {
  const Value wanted = call.count() > 1 ? call.argument(1) : Value();
  std::vector<bool> marks;
  for (const Value& item : items) {
    const Property property = property_of(item, call.argument(0));
    if (property.state == Property::State::kWrong) fail_property(call, call.argument(0));
    if (property.state != Property::State::kFound) return std::nullopt;
    marks.push_back(wanted.is_nil() ? property.value.truthy() : equal(property.value, wanted));
  }
  return marks;
}

template <bool wanted>
Value select(Call& call) {
  const auto items = items_of(call, call.input);
  const auto marks = items ? chosen(call, *items) : std::nullopt;
  if (!marks) return {};
  Array kept;
  for (std::size_t i = 0; i < items->size(); ++i)
    if ((*marks)[i] == wanted) kept.push_back((*items)[i]);
  return Value::array(std::move(kept));
}

enum class Answer : unsigned char { kItem, kPlace, kWhether };

// Of the first item that is chosen.
template <Answer answer>
Value find(Call& call) {
  const auto items = items_of(call, call.input);
  const auto marks = items ? chosen(call, *items) : std::nullopt;
  if (!marks) return {};
  for (std::size_t i = 0; i < items->size(); ++i) {
    if (!(*marks)[i]) continue;
    if (answer == Answer::kItem) return (*items)[i];
    return answer == Answer::kPlace ? Value::integer(static_cast<std::int64_t>(i))
                                    : Value::boolean(true);
  }
  return answer == Answer::kWhether ? Value::boolean(false) : Value();
}

Value map(Call& call) {
  const auto items = items_of(call, call.input);
  if (!items) return {};
  Array mapped;
  for (const Value& item : *items) {
    Property property = property_of(item, call.argument(0));
    if (property.state == Property::State::kWrong) return fail_property(call, call.argument(0));
    mapped.push_back(std::move(property.value));
  }
  return Value::array(std::move(mapped));
}

Value sum(Call& call) {
  const auto items = items_of(call, call.input);
  if (!items) return {};
  const bool whole = call.count() == 0 || call.argument(0).is_nil();
  Array values;
  for (const Value& item : *items) {
    if (whole) {
      values.push_back(item);
      continue;
    }
    Property property = property_of(item, call.argument(0));
    if (property.state == Property::State::kWrong) return fail_property(call, call.argument(0));
    values.push_back(std::move(property.value));
  }
  const auto numbers = items_of(call, Value::array(std::move(values)));
  if (!numbers) return {};
  Value total = Value::integer(0);
  for (const Value& number : *numbers) {
    Computed added = compute(Operation::kPlus, total, to_number(number));
    if (added.error != NumberError::kNone) return call.fail("the sum is too large");
    total = std::move(added.value);
  }
  return total;
}

constexpr Filter kFilters[] = {
    {"find", find<Answer::kItem>, 1, 2},   {"find_index", find<Answer::kPlace>, 1, 2},
    {"has", find<Answer::kWhether>, 1, 2}, {"map", map, 1, 1},
    {"reject", select<false>, 1, 2},       {"sum", sum, 0, 1},
    {"where", select<true>, 1, 2},
};

}  // namespace

std::span<const Filter> select_filters() {
  return kFilters;
}

}  // namespace hongyan::liquid
