#pragma once

#include "base/json.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace hongyan::liquid {

// A string that is either borrowed (from the template or the data, which outlive a render) or
// shared. `safe` says that it is HTML already and must not be escaped again.
class Text {
 public:
  Text() = default;
  static Text borrowed(std::string_view text) { return {text, nullptr}; }
  static Text owned(std::string text) {
    auto owner = std::make_shared<const std::string>(std::move(text));
    return {*owner, owner};
  }

  std::string_view view() const { return view_; }
  bool safe() const { return safe_; }
  Text marked_safe(bool safe = true) const {
    Text marked = *this;
    marked.safe_ = safe;
    return marked;
  }

 private:
  Text(std::string_view view, std::shared_ptr<const std::string> owner)
      : view_(view), owner_(std::move(owner)) {}

  std::string_view view_;
  std::shared_ptr<const std::string> owner_;
  bool safe_ = false;
};

struct Range {
  std::int64_t first = 0;
  std::int64_t last = 0;
  std::uint64_t size() const {
    return last < first ? 0
                        : static_cast<std::uint64_t>(last) - static_cast<std::uint64_t>(first) + 1;
  }
};

// `blank` and `empty`: equal to whatever is so; as text they are nothing.
enum class Literal : unsigned char { kBlank, kEmpty };

class Value;
using Array = std::vector<Value>;
using Member = std::pair<Text, Value>;
using Hash = std::vector<Member>;  // in the order of the document

// What `forloop` and `tablerowloop` name; its members are computed when asked for.
class Drop {
 public:
  virtual ~Drop() = default;
  virtual bool find(std::string_view key, Value& out) const = 0;
  virtual std::string_view name() const = 0;
};

// A value of the language, cheap to copy and immutable. Members and items are shared.
class Value {
 public:
  using Shared =
      std::variant<std::monostate, bool, std::int64_t, double, Text, std::shared_ptr<const Array>,
                   std::shared_ptr<const Hash>, Range, Literal, std::shared_ptr<const Drop>>;

  Value() = default;
  explicit Value(Shared held) : held_(std::move(held)) {}
  static Value boolean(bool value) { return Value(Shared(value)); }
  static Value integer(std::int64_t value) { return Value(Shared(value)); }
  static Value real(double value) { return Value(Shared(value)); }
  static Value text(std::string text) { return Value(Shared(Text::owned(std::move(text)))); }
  static Value borrowed(std::string_view text) { return Value(Shared(Text::borrowed(text))); }
  static Value array(Array items) {
    return Value(Shared(std::make_shared<const Array>(std::move(items))));
  }
  static Value hash(Hash members) {
    return Value(Shared(std::make_shared<const Hash>(std::move(members))));
  }
  // Strings are borrowed from `json`. Whole numbers that fit are integers, others floating.
  static Value of(const Json& json);

  template <class T>
  const T* as() const {
    return std::get_if<T>(&held_);
  }
  const Array* items() const;
  const Hash* members() const;
  const Drop* drop() const;
  bool is_nil() const { return held_.index() == 0; }
  bool is_number() const { return as<std::int64_t>() != nullptr || as<double>() != nullptr; }
  // Only nil and false are not.
  bool truthy() const;
  bool is_empty() const;  // "", [], {}
  bool is_blank() const;  // these, nil, false, nothing but white space

 private:
  Shared held_;
};

const Value* find_member(const Hash& hash, std::string_view key);

// As `==` of the language: 1 and 1.0 are equal, 1 and "1" are not.
bool equal(const Value& a, const Value& b);
// As in output: nil is nothing, an array its items one after the other. `out` grows to at most
// `limit` bytes: false when it would have to grow further.
bool append_text(const Value& value, std::string& out, std::size_t limit);
// As a member of a hash that is output: strings in quotes, nil as `nil`.
bool append_inspected(const Value& value, std::string& out, std::size_t limit);
// "a string", "an array"...
std::string_view kind_name(const Value& value);

}  // namespace hongyan::liquid
