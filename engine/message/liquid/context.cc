#include "engine/message/liquid/context.h"

#include "engine/message/liquid/number.h"

#include <algorithm>

namespace hongyan::liquid {

void Context::set(Scope& scope, std::string_view name, Value value) {
  const auto found = std::ranges::find(scope, name, &Scope::value_type::first);
  if (found == scope.end()) {
    scope.emplace_back(name, std::move(value));
  } else {
    found->second = std::move(value);
  }
}

std::optional<Value> Context::find(std::string_view name) const {
  for (std::size_t i = scopes_.size(); i-- > 0;) {
    const auto found = std::ranges::find(scopes_[i], name, &Scope::value_type::first);
    if (found != scopes_[i].end()) return found->second;
  }
  for (const auto& [counter, value] : counters_)
    if (counter == name) return Value::integer(value);
  return data_.find(name);
}

std::int64_t& Context::counter(std::string_view name) {
  for (auto& [known, value] : counters_)
    if (known == name) return value;
  const auto given = data_.find(name);
  counters_.emplace_back(name, given ? to_integer(*given).value_or(0) : 0);
  return counters_.back().second;
}

bool Context::spend(std::size_t steps) {
  if (failed()) return false;
  if (steps > options_.limits.steps - steps_) {
    steps_ = options_.limits.steps;
    fail(RenderError::Kind::kLimit,
         "takes more than " + std::to_string(options_.limits.steps) + " steps", {});
    return false;
  }
  steps_ += steps;
  return true;
}

bool Context::grow(std::size_t bytes) {
  if (failed()) return false;
  if (bytes > memory_left()) {
    fail(RenderError::Kind::kLimit,
         "makes more than " + std::to_string(options_.limits.memory) + " bytes of text", {});
    return false;
  }
  bytes_ += bytes;
  return true;
}

bool Context::too_large() {
  fail(RenderError::Kind::kLimit,
       "writes more than " + std::to_string(options_.limits.output) + " bytes", {});
  return false;
}

bool Context::write(std::string_view text, std::string& out) {
  if (failed()) return false;
  const std::size_t limit = options_.limits.output;
  if (text.size() > limit || out.size() > limit - text.size()) return too_large();
  out += text;
  return true;
}

bool Context::write(const Value& value, std::string& out) {
  if (failed()) return false;
  return append_text(value, out, options_.limits.output) || too_large();
}

void Context::unknown(std::string_view variable) {
  fail(RenderError::Kind::kUnknownVariable, "there is no variable `" + std::string(variable) + "`",
       variable);
}

void Context::fail(RenderError::Kind kind, std::string what, std::string_view variable) {
  if (error_) return;
  error_ = {kind, std::string(variable), {std::move(what), place_of(template_.source(), at_)}};
}

}  // namespace hongyan::liquid
