#include "engine/message/liquid/items.h"

#include "engine/message/liquid/context.h"

namespace hongyan::liquid {
namespace {

bool flatten(Call& call, const Array& array, Array& out) {
  if (!call.spend(array.size())) return false;
  for (const Value& item : array) {
    if (const Array* inner = item.items()) {
      if (!flatten(call, *inner, out)) return false;
    } else {
      out.push_back(item);
    }
  }
  return true;
}

}  // namespace

std::optional<Array> items_of(Call& call, const Value& value) {
  Array out;
  if (const Array* array = value.items()) {
    if (!flatten(call, *array, out)) return std::nullopt;
  } else if (const auto* range = value.as<Range>()) {
    if (!call.spend(range->size())) return std::nullopt;
    for (std::uint64_t i = 0; i < range->size(); ++i)
      out.push_back(Value::integer(range->first + static_cast<std::int64_t>(i)));
  } else if (!value.is_nil()) {
    out.push_back(value);
  }
  return out;
}

Property property_of(const Value& item, const Value& property) {
  using State = Property::State;
  const auto* name = property.as<Text>();
  if (const Hash* members = item.members()) {
    const Value* found = name == nullptr ? nullptr : find_member(*members, name->view());
    return {State::kFound, found == nullptr ? Value() : *found};
  }
  if (const auto* text = item.as<Text>()) {
    if (name == nullptr) return {State::kWrong, {}};
    return {State::kFound, text->view().contains(name->view()) ? property : Value()};
  }
  if (const Drop* drop = item.drop(); drop != nullptr && name != nullptr) {
    Value found;
    drop->find(name->view(), found);
    return {State::kFound, found};
  }
  return {item.as<std::int64_t>() != nullptr ? State::kWrong : State::kAbsent, {}};
}

Value fail_property(Call& call, const Value& property) {
  std::string name;
  append_text(property, name, 100);
  return call.fail("cannot select the property `" + name + "`");
}

}  // namespace hongyan::liquid
