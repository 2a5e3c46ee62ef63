#pragma once

#include "engine/message/liquid/template.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hongyan::liquid {

enum class Interrupt : unsigned char { kNone, kContinue, kBreak };

// What one evaluation of a template knows: its variables, what it has used up, what went wrong.
//
// After fail() (or spend() and grow() that were false) results are not used any more; everything
// returns as fast as it can.
class Context {
 public:
  Context(const Template& parsed, const Data& data, const Options& options)
      : template_(parsed), data_(data), options_(options), scopes_(1) {}

  // Inner scopes first, then the template's own variables, counters, the data.
  std::optional<Value> find(std::string_view name) const;
  void assign(std::string_view name, Value value) { set(scopes_.front(), name, std::move(value)); }
  void push_scope() { scopes_.emplace_back(); }
  void set_local(std::string_view name, Value value) {
    set(scopes_.back(), name, std::move(value));
  }
  void pop_scope() { scopes_.pop_back(); }
  std::int64_t& counter(std::string_view name);

  bool spend(std::size_t steps);
  bool grow(std::size_t bytes);
  // Appends to what is written, within the limit.
  bool write(std::string_view text, std::string& out);
  bool write(const Value& value, std::string& out);
  bool too_large();

  void at(std::size_t offset) { at_ = offset; }
  void fail(std::string what) { fail(RenderError::Kind::kTemplate, std::move(what), {}); }
  void unknown(std::string_view variable);
  bool failed() const { return error_.has_value(); }
  const RenderError& error() const { return *error_; }

  const Options& options() const { return options_; }
  std::size_t memory_left() const { return options_.limits.memory - bytes_; }

  Interrupt interrupt = Interrupt::kNone;
  std::map<std::string, std::int64_t, std::less<>> offsets;  // of `offset: continue`
  std::map<std::string, std::size_t, std::less<>> cycles;
  std::string last_change;  // of ifchanged

 private:
  using Scope = std::vector<std::pair<std::string_view, Value>>;
  static void set(Scope& scope, std::string_view name, Value value);
  void fail(RenderError::Kind kind, std::string what, std::string_view variable);

  const Template& template_;
  const Data& data_;
  const Options& options_;
  std::vector<Scope> scopes_;
  std::vector<std::pair<std::string_view, std::int64_t>> counters_;
  std::size_t steps_ = 0;
  std::size_t bytes_ = 0;
  std::size_t at_ = 0;
  std::optional<RenderError> error_;
};

}  // namespace hongyan::liquid
