#include "engine/message/liquid/filter.h"
#include "engine/message/liquid/number.h"

namespace hongyan::liquid {
namespace {

Value answer(Call& call, Computed computed) {
  if (computed.error == NumberError::kDivisionByZero) return call.fail("divides by 0");
  if (computed.error == NumberError::kTooLarge) return call.fail("the number is too large");
  return std::move(computed.value);
}

template <Operation operation>
Value computed(Call& call) {
  return answer(call, compute(operation, to_number(call.input), to_number(call.argument(0))));
}

Value abs(Call& call) {
  const Value number = to_number(call.input);
  if (compare_numbers(number, Value::integer(0)) >= 0) return number;
  return answer(call, compute(Operation::kMinus, Value::integer(0), number));
}

template <Direction direction>
Value to_whole(Call& call) {
  return answer(call, round_whole(to_number(call.input), direction));
}

Value round(Call& call) {
  std::int64_t places = 0;
  if (call.count() > 0) {
    const Value given = to_number(call.argument(0));
    const auto whole = round_whole(given, Direction::kDown);
    if (const auto* number = whole.value.as<std::int64_t>()) places = *number;
  }
  return answer(call, round_to(to_number(call.input), places));
}

template <bool least>
Value at(Call& call) {
  const Value number = to_number(call.input);
  const Value bound = to_number(call.argument(0));
  const int order = compare_numbers(number, bound);
  return (least ? order < 0 : order > 0) ? bound : number;
}

constexpr Filter kFilters[] = {
    {"abs", abs},
    {"at_least", at<true>, 1, 1},
    {"at_most", at<false>, 1, 1},
    {"ceil", to_whole<Direction::kUp>},
    {"divided_by", computed<Operation::kDivide>, 1, 1},
    {"floor", to_whole<Direction::kDown>},
    {"minus", computed<Operation::kMinus>, 1, 1},
    {"modulo", computed<Operation::kModulo>, 1, 1},
    {"plus", computed<Operation::kPlus>, 1, 1},
    {"round", round, 0, 1},
    {"times", computed<Operation::kTimes>, 1, 1},
};

}  // namespace

std::span<const Filter> number_filters() {
  return kFilters;
}

}  // namespace hongyan::liquid
