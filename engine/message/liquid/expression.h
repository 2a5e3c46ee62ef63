#pragma once

#include "engine/message/liquid/value.h"

#include <cstddef>
#include <memory>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace hongyan::liquid {

struct Filter;
struct Lookup;
struct RangeOf;

// A literal, a variable or a range of two expressions.
struct Expression {
  std::size_t at = 0;  // offset in the template
  std::variant<Value, std::unique_ptr<const Lookup>, std::unique_ptr<const RangeOf>> form;

  const Lookup* lookup() const {
    const auto* held = std::get_if<std::unique_ptr<const Lookup>>(&form);
    return held == nullptr ? nullptr : held->get();
  }
};

// `user.names[0].first`, `["first name"]`
struct Lookup {
  struct Step {
    Expression key;
    bool dotted = false;  // size, first and last are then understood
  };
  std::string_view written;  // as in the template, for messages
  Expression root;           // a literal string but for `[expression]`
  std::vector<Step> steps;
};

struct RangeOf {
  Expression first;
  Expression last;
};

struct FilterCall {
  std::size_t at = 0;
  const Filter* filter = nullptr;
  std::vector<Expression> arguments;
  std::vector<std::pair<std::string_view, Expression>> named;
};

// What stands in `{{ }}`, `echo` and to the right of `assign`.
struct Filtered {
  Expression subject;
  std::vector<FilterCall> filters;
  bool has_default = false;  // so that an unknown variable is no fault
};

enum class Compare : unsigned char {
  kNone,  // the left side is true by itself
  kEqual,
  kUnequal,
  kLess,
  kGreater,
  kLessOrEqual,
  kGreaterOrEqual,
  kContains,
};
enum class Joined : unsigned char { kEnd, kAnd, kOr };

struct Comparison {
  Expression left;
  Compare compare = Compare::kNone;
  Expression right;
  Joined joined = Joined::kEnd;  // with the next one
};

// Joined from the right: `a and b or c` is `a and (b or c)`.
using Condition = std::vector<Comparison>;

}  // namespace hongyan::liquid
