#pragma once

#include "engine/message/liquid/filter.h"

#include <optional>
#include <string_view>

namespace hongyan::liquid {

// What filters of arrays work on: an array flattened, a range's numbers, one hash or value by
// itself, nothing for nil. Nothing after fail().
std::optional<Array> items_of(Call& call, const Value& value);

// `item[property]` as the reference has it.
struct Property {
  enum class State : unsigned char {
    kFound,   // nil included
    kAbsent,  // such items have no properties: nil, booleans, fractions
    kWrong,   // whole numbers: the filter fails
  };
  State state = State::kFound;
  Value value;
};
Property property_of(const Value& item, const Value& property);

// Fails with "cannot select the property `name`".
Value fail_property(Call& call, const Value& property);

}  // namespace hongyan::liquid
