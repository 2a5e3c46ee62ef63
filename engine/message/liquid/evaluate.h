#pragma once

#include "engine/message/liquid/context.h"
#include "engine/message/liquid/expression.h"

namespace hongyan::liquid {

// `missing` becomes true when a variable on the way is not there; the value is nil then.
Value evaluate(const Expression& expression, Context& context, bool& missing);
// Where any variable may be asked for: conditions, loops.
Value evaluate(const Expression& expression, Context& context);
// With its filters. Refuses what is missing if the options say so.
Value evaluate(const Filtered& filtered, Context& context);
Value evaluate_known(const Expression& expression, Context& context);
bool holds(const Condition& condition, Context& context);

}  // namespace hongyan::liquid
