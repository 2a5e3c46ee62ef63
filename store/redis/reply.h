#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace hongyan::redis {

// One RESP2 value. Strings are bytes. Move-only: a claim's reply is kilobytes.
class Reply {
 public:
  enum class Kind : unsigned char { kNil, kInteger, kString, kStatus, kError, kArray };
  using Array = std::vector<Reply>;

  Reply() = default;
  static Reply integer(std::int64_t value) { return Reply(Kind::kInteger, value); }
  static Reply string(std::string bytes) { return Reply(Kind::kString, std::move(bytes)); }
  static Reply status(std::string text) { return Reply(Kind::kStatus, std::move(text)); }
  static Reply error(std::string text) { return Reply(Kind::kError, std::move(text)); }
  static Reply array(Array elements) { return Reply(Kind::kArray, std::move(elements)); }

  Reply(Reply&&) noexcept = default;
  Reply& operator=(Reply&&) noexcept = default;
  Reply(const Reply&) = delete;
  Reply& operator=(const Reply&) = delete;

  Kind kind() const { return kind_; }
  bool is_nil() const { return kind_ == Kind::kNil; }
  bool is_integer() const { return kind_ == Kind::kInteger; }
  bool is_string() const { return kind_ == Kind::kString; }
  bool is_array() const { return kind_ == Kind::kArray; }
  // An answer Redis gave, not a lost call: "OOM command not allowed ...".
  bool is_error() const { return kind_ == Kind::kError; }
  // The first word of an error: "OOM", "NOPERM", "ERR"; empty when this is none.
  std::string_view error_code() const;

  // Every accessor answers for every kind, so that a reader of replies checks once, at the end:
  // a number written as a string is parsed; what is no number is 0, no text "", no array empty.
  std::int64_t integer() const;
  std::string_view text() const;
  std::span<const Reply> array() const;
  std::string take_text();
  Array take_array();

  // Beyond the end: nil.
  const Reply& operator[](std::size_t index) const;
  // In a flat map (key, value, key, value ...): the value, or nullptr.
  const Reply* find(std::string_view key) const;

 private:
  friend class Decoder;
  using Value = std::variant<std::monostate, std::int64_t, std::string, Array>;
  Reply(Kind kind, Value value) : kind_(kind), value_(std::move(value)) {}

  Kind kind_ = Kind::kNil;
  Value value_;
};

}  // namespace hongyan::redis
