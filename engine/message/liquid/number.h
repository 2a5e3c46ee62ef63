#pragma once

#include "engine/message/liquid/value.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hongyan::liquid {

// Numbers as the reference has them: whole ones, and decimals that behave like decimals, so that
// 0.1 + 0.2 is 0.3. Between operations a decimal is a double.

// "1.0", "0.5", "1.0e+20": the shortest digits that read back the same.
std::string format_real(double value);
// The longest number at the front of `text`, 0 when there is none.
double parse_real(std::string_view text);
// Digits at the front, as of "12 apples"; underscores between them pass. Capped at 64 bits.
std::int64_t leading_integer(std::string_view text);
// All of `text` is a whole number, blanks around it aside.
std::optional<std::int64_t> whole_integer(std::string_view text);

// What arithmetic sees: "3.5" is 3.5, "12 apples" is 12, what is no number is 0.
Value to_number(const Value& value);
// A count or a place: whole numbers and texts of them; nothing when it is no such thing.
std::optional<std::int64_t> to_integer(const Value& value);

int compare_numbers(const Value& a, const Value& b);  // both numbers: -1, 0, 1

enum class Operation : unsigned char { kPlus, kMinus, kTimes, kDivide, kModulo };
enum class NumberError : unsigned char { kNone, kDivisionByZero, kTooLarge };

struct Computed {
  Value value;
  NumberError error = NumberError::kNone;
};

Computed compute(Operation operation, const Value& a, const Value& b);

// Half away from zero, at `places` after the point (before it when negative).
Computed round_to(const Value& value, std::int64_t places);
enum class Direction : unsigned char { kUp, kDown };
Computed round_whole(const Value& value, Direction direction);

}  // namespace hongyan::liquid
