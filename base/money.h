#pragma once

#include "base/error.h"

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace hongyan {

// Money, always whole micro-yuan: ¥0.007 is 7,000. Never a float but where people read it.
struct MicroYuan {
  std::int64_t value = 0;

  friend auto operator<=>(MicroYuan, MicroYuan) = default;
  friend MicroYuan operator+(MicroYuan a, MicroYuan b) { return {a.value + b.value}; }
  friend MicroYuan operator-(MicroYuan a, MicroYuan b) { return {a.value - b.value}; }
  friend MicroYuan operator*(MicroYuan a, std::int64_t n) { return {a.value * n}; }
};

// "12.5", "-0.007" or "3" yuan, at most six decimals. Anything else is an error that says why.
Result<MicroYuan> parse_yuan(std::string_view text);

// At least two decimals, no more than needed: 7000 → "0.007", 12500000 → "12.50".
std::string format_yuan(MicroYuan amount);

}  // namespace hongyan
