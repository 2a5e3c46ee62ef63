#include "engine/message/liquid/evaluate.h"

#include "base/utf8.h"
#include "engine/message/liquid/characters.h"
#include "engine/message/liquid/filter.h"
#include "engine/message/liquid/number.h"

#include <algorithm>

namespace hongyan::liquid {
namespace {

constexpr std::size_t kBytesPerStep = 64;
constexpr std::int64_t kBytesOfInteger = 8;  // what the reference says of 1.size

Value count(std::size_t size) {
  return Value::integer(static_cast<std::int64_t>(size));
}

std::optional<Value> command_of_text(std::string_view text, std::string_view name) {
  if (name == "size") return count(count_code_points(text));
  if (text.empty()) return Value::borrowed("");
  return Value::text(std::string(name == "first" ? first_character(text) : last_character(text)));
}

// size, first and last of what has them.
std::optional<Value> command(const Value& object, std::string_view name) {
  const bool size = name == "size";
  const bool first = name == "first";
  if (!size && !first && name != "last") return std::nullopt;
  if (const Array* items = object.items()) {
    if (size) return count(items->size());
    if (items->empty()) return Value();
    return first ? items->front() : items->back();
  }
  if (const Hash* members = object.members()) {
    if (size) return count(members->size());
    if (!first) return std::nullopt;
    if (members->empty()) return Value();
    return Value::array({Value(Value::Shared(members->front().first)), members->front().second});
  }
  if (const auto* range = object.as<Range>()) {
    if (size) return Value::integer(static_cast<std::int64_t>(range->size()));
    return Value::integer(first ? range->first : range->last);
  }
  if (const auto* text = object.as<Text>()) return command_of_text(text->view(), name);
  if (size && object.as<std::int64_t>() != nullptr) return Value::integer(kBytesOfInteger);
  return std::nullopt;
}

std::optional<Value> step(const Value& object, const Value& key, bool dotted) {
  if (const auto* name = key.as<Text>()) {
    if (const Hash* members = object.members())
      if (const Value* found = find_member(*members, name->view())) return *found;
    Value found;
    if (const Drop* drop = object.drop(); drop != nullptr && drop->find(name->view(), found))
      return found;
    return dotted ? command(object, name->view()) : std::nullopt;
  }
  const auto* number = key.as<std::int64_t>();
  const Array* items = object.items();
  if (number == nullptr || items == nullptr) return std::nullopt;
  const auto size = static_cast<std::int64_t>(items->size());
  const std::int64_t place = *number < 0 ? *number + size : *number;
  if (place < 0 || place >= size) return std::nullopt;
  return (*items)[static_cast<std::size_t>(place)];
}

Value look_up(const Lookup& lookup, Context& context, bool& missing) {
  if (!context.spend(1 + lookup.steps.size())) return {};
  const Value root = evaluate(lookup.root, context, missing);
  const auto* name = root.as<Text>();
  auto object = name == nullptr ? std::nullopt : context.find(name->view());
  for (const Lookup::Step& next : lookup.steps) {
    if (!object) break;
    object = step(*object, evaluate(next.key, context, missing), next.dotted);
  }
  if (!object) missing = true;
  return object ? std::move(*object) : Value();
}

std::optional<std::int64_t> bound(const Value& value, bool literal) {
  if (const auto* text = value.as<Text>()) return leading_integer(text->view());
  if (const auto* real = value.as<double>(); real != nullptr && literal && std::abs(*real) < 9e18)
    return static_cast<std::int64_t>(*real);
  return value.is_nil() ? 0 : to_integer(value);
}

Value range_of(const RangeOf& range, Context& context, bool& missing) {
  const bool literal = std::holds_alternative<Value>(range.first.form) &&
                       std::holds_alternative<Value>(range.last.form);
  const auto first = bound(evaluate(range.first, context, missing), literal);
  const auto last = bound(evaluate(range.last, context, missing), literal);
  if (first && last) return Value(Value::Shared(Range{*first, *last}));
  context.fail("a range needs whole numbers");
  return {};
}

bool contains(const Value& left, const Value& right, Context& context) {
  if (!left.truthy() || !right.truthy()) return false;
  if (const auto* text = left.as<Text>()) {
    std::string wanted;
    if (!context.spend(1 + text->view().size() / kBytesPerStep)) return false;
    if (!append_text(right, wanted, text->view().size())) return false;
    return text->view().contains(wanted);
  }
  if (const Array* items = left.items())
    return context.spend(items->size()) &&
           std::ranges::any_of(*items, [&](const Value& item) { return equal(item, right); });
  const auto* key = right.as<Text>();
  if (const Hash* members = left.members())
    return key != nullptr && find_member(*members, key->view()) != nullptr;
  const auto* range = left.as<Range>();
  return range != nullptr && right.is_number() &&
         compare_numbers(right, Value::integer(range->first)) >= 0 &&
         compare_numbers(right, Value::integer(range->last)) <= 0;
}

std::optional<int> order(const Value& left, const Value& right, Context& context) {
  if (left.is_number() && right.is_number()) return compare_numbers(left, right);
  const auto *a = left.as<Text>(), *b = right.as<Text>();
  if (a != nullptr && b != nullptr) {
    const int result = a->view().compare(b->view());
    return (result > 0) - (result < 0);
  }
  if ((a != nullptr && right.is_number()) || (left.is_number() && b != nullptr))
    context.fail("cannot compare " + std::string(kind_name(left)) + " with " +
                 std::string(kind_name(right)));
  return std::nullopt;
}

bool holds(const Comparison& comparison, Context& context) {
  const Value left = evaluate(comparison.left, context);
  if (comparison.compare == Compare::kNone) return left.truthy();
  const Value right = evaluate(comparison.right, context);
  context.at(comparison.left.at);
  switch (comparison.compare) {
    case Compare::kEqual:
      return equal(left, right);
    case Compare::kUnequal:
      return !equal(left, right);
    case Compare::kContains:
      return contains(left, right, context);
    default:
      break;
  }
  const auto result = order(left, right, context);
  if (!result) return false;
  switch (comparison.compare) {
    case Compare::kLess:
      return *result < 0;
    case Compare::kGreater:
      return *result > 0;
    case Compare::kLessOrEqual:
      return *result <= 0;
    default:
      return *result >= 0;
  }
}

}  // namespace

Value evaluate(const Expression& expression, Context& context, bool& missing) {
  if (const auto* literal = std::get_if<Value>(&expression.form)) return *literal;
  context.at(expression.at);
  if (const Lookup* lookup = expression.lookup()) return look_up(*lookup, context, missing);
  return range_of(*std::get<std::unique_ptr<const RangeOf>>(expression.form), context, missing);
}

Value evaluate(const Expression& expression, Context& context) {
  bool missing = false;
  return evaluate(expression, context, missing);
}

Value evaluate_known(const Expression& expression, Context& context) {
  bool missing = false;
  Value value = evaluate(expression, context, missing);
  if (missing && context.options().refuses_unknown)
    context.unknown(expression.lookup() != nullptr ? expression.lookup()->written : "in a range");
  return value;
}

Value evaluate(const Filtered& filtered, Context& context) {
  Value value = filtered.has_default ? evaluate(filtered.subject, context)
                                     : evaluate_known(filtered.subject, context);
  for (const FilterCall& call : filtered.filters) {
    if (!context.spend(1)) return {};
    // Its argument may be unknown where it is not needed.
    if (call.filter->name == "default" && value.truthy() && !value.is_empty()) continue;
    std::vector<Value> arguments;
    arguments.reserve(call.arguments.size());
    for (const Expression& argument : call.arguments)
      arguments.push_back(evaluate_known(argument, context));
    std::vector<std::pair<std::string_view, Value>> named;
    for (const auto& [name, argument] : call.named)
      named.emplace_back(name, evaluate_known(argument, context));
    if (context.failed()) return {};
    context.at(call.at);
    Call use{context, std::move(value), arguments, named};
    value = call.filter->apply(use);
    if (context.failed()) return {};
  }
  return value;
}

bool holds(const Condition& condition, Context& context) {
  bool result = true;
  for (const Comparison& comparison : condition) {
    result = holds(comparison, context);
    if (context.failed()) return false;
    if (comparison.joined == Joined::kAnd && !result) break;
    if (comparison.joined == Joined::kOr && result) break;
  }
  return result;
}

}  // namespace hongyan::liquid
