#pragma once

#include "base/fault.h"

#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hongyan {

// A JSON value that keeps what text libraries throw away: numbers as written ("1.50" in a
// recipient's variable is printed so) and the order of members.
class Json {
 public:
  enum class Kind : unsigned char { kNull, kBool, kNumber, kString, kArray, kObject };
  using Member = std::pair<std::string, Json>;

  Json() = default;
  static Json boolean(bool value);
  static Json number(std::string text);
  static Json string(std::string text);
  static Json array(std::vector<Json> items = {});
  static Json object(std::vector<Member> members = {});

  Kind kind() const { return kind_; }
  bool is(Kind kind) const { return kind_ == kind; }
  bool is_true() const { return kind_ == Kind::kBool && text_ == "true"; }
  // Of a string; of a number or boolean as written; otherwise empty.
  const std::string& text() const { return text_; }
  const std::vector<Json>& items() const { return items_; }
  const std::vector<Member>& members() const { return members_; }
  // nullptr when this is no object or has no such member.
  const Json* find(std::string_view key) const;
  // Adds or replaces; this must be an object.
  void set(std::string key, Json value);
  void push(Json value) { items_.push_back(std::move(value)); }

  // Of a number; infinite when it is too large for a double.
  double as_double() const;
  // The sentence form: "a string", "an object" ...
  std::string_view kind_name() const;

 private:
  Kind kind_ = Kind::kNull;
  std::string text_;
  std::vector<Json> items_;
  std::vector<Member> members_;
};

// I-JSON (RFC 7493): UTF-8, no repeated keys, no lone surrogates, nesting at most 32 deep. The
// fault names line and column, or the path of what is wrong.
std::expected<Json, Fault> parse_json(std::string_view text);

// Compact, members in their order, numbers as written.
void append_json(std::string& out, const Json& value);
std::string to_json(const Json& value);

}  // namespace hongyan
