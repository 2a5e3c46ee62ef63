#include "engine/message/liquid/number.h"

#include "base/text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

namespace hongyan::liquid {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::string_view strip(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\n\v\f\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\n\v\f\r") + 1 - first);
}

double real_of(const Value& number) {
  if (const auto* whole = number.as<std::int64_t>()) return static_cast<double>(*whole);
  const auto* real = number.as<double>();
  return real == nullptr ? 0 : *real;
}

__extension__ using Wide = __int128;
constexpr int kMaxScale = 18;

// mantissa / 10^scale: exact for what people write and what 17 digits can hold.
struct Decimal {
  Wide mantissa = 0;
  int scale = 0;
};

Wide power_of_ten(int exponent) {
  Wide power = 1;
  for (int i = 0; i < exponent; ++i) power *= 10;
  return power;
}

// Nothing when it has too many digits; then floating arithmetic must do.
std::optional<Decimal> decimal_of(const Value& number) {
  if (const auto* whole = number.as<std::int64_t>()) return Decimal{*whole, 0};
  const double real = real_of(number);
  if (!(std::abs(real) < 1e15)) return std::nullopt;
  char room[64];
  const auto done = std::to_chars(room, room + sizeof room, real, std::chars_format::fixed);
  if (done.ec != std::errc{}) return std::nullopt;
  Decimal decimal;
  bool after_point = false;
  for (const char* at = room; at != done.ptr; ++at) {
    if (*at == '.') {
      after_point = true;
    } else if (is_digit(*at)) {
      decimal.mantissa = decimal.mantissa * 10 + (*at - '0');
      decimal.scale += after_point ? 1 : 0;
      if (decimal.scale > kMaxScale) return std::nullopt;
    }
  }
  if (room[0] == '-') decimal.mantissa = -decimal.mantissa;
  return decimal;
}

double real_of(const Decimal& decimal) {
  return static_cast<double>(static_cast<long double>(decimal.mantissa) /
                             static_cast<long double>(power_of_ten(decimal.scale)));
}

Wide floor_divide(Wide a, Wide b) {
  const Wide quotient = a / b;
  return (a % b != 0 && (a < 0) != (b < 0)) ? quotient - 1 : quotient;
}

bool align(Decimal& a, Decimal& b) {
  for (auto [low, high] : {std::pair(&a, &b), std::pair(&b, &a)})
    if (low->scale < high->scale) {
      if (__builtin_mul_overflow(low->mantissa, power_of_ten(high->scale - low->scale),
                                 &low->mantissa))
        return false;
      low->scale = high->scale;
    }
  return true;
}

std::optional<Decimal> exactly(Operation operation, const Value& left, const Value& right) {
  auto a = decimal_of(left);
  auto b = decimal_of(right);
  if (!a || !b) return std::nullopt;
  Decimal result;
  if (operation == Operation::kTimes) {
    if (__builtin_mul_overflow(a->mantissa, b->mantissa, &result.mantissa)) return std::nullopt;
    result.scale = a->scale + b->scale;
    return result;
  }
  if (operation == Operation::kDivide || !align(*a, *b)) return std::nullopt;
  result.scale = a->scale;
  bool overflow = false;
  if (operation == Operation::kPlus)
    overflow = __builtin_add_overflow(a->mantissa, b->mantissa, &result.mantissa);
  if (operation == Operation::kMinus)
    overflow = __builtin_sub_overflow(a->mantissa, b->mantissa, &result.mantissa);
  if (operation == Operation::kModulo)
    result.mantissa = a->mantissa - floor_divide(a->mantissa, b->mantissa) * b->mantissa;
  if (overflow) return std::nullopt;
  return result;
}

long double roughly(Operation operation, long double a, long double b) {
  switch (operation) {
    case Operation::kPlus:
      return a + b;
    case Operation::kMinus:
      return a - b;
    case Operation::kTimes:
      return a * b;
    case Operation::kDivide:
      return a / b;
    case Operation::kModulo:
      return a - std::floor(a / b) * b;
  }
  return 0;
}

Computed whole(Wide value) {
  if (value > std::numeric_limits<std::int64_t>::max() ||
      value < std::numeric_limits<std::int64_t>::min())
    return {{}, NumberError::kTooLarge};
  return {Value::integer(static_cast<std::int64_t>(value)), NumberError::kNone};
}

Computed whole_of_real(double value) {
  if (!(std::abs(value) < 9.2e18)) return {{}, NumberError::kTooLarge};
  return whole(static_cast<Wide>(value));
}

}  // namespace

std::string format_real(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value < 0 ? "-Infinity" : "Infinity";
  char room[400];
  const double size = std::abs(value);
  const bool plain = size == 0 || (size >= 1e-4 && size < 1e16);
  const auto form = plain ? std::chars_format::fixed : std::chars_format::scientific;
  const auto done = std::to_chars(room, room + sizeof room, value, form);
  std::string text(room, done.ptr);
  if (plain) return text.contains('.') ? text : text + ".0";
  const std::size_t exponent = text.find('e');
  if (!text.substr(0, exponent).contains('.')) text.insert(exponent, ".0");
  return text;
}

double parse_real(std::string_view text) {
  double value = 0;
  const auto done = std::from_chars(text.data(), text.data() + text.size(), value);
  if (done.ec == std::errc::result_out_of_range) {
    const std::size_t exponent = text.find_first_of("eE");
    const bool tiny =
        exponent != std::string_view::npos && text.substr(exponent + 1).starts_with('-');
    value = tiny ? 0 : std::numeric_limits<double>::max();
    return text.starts_with('-') ? -value : value;
  }
  return value;
}

std::int64_t leading_integer(std::string_view text) {
  text = strip(text);
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  std::int64_t value = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '_' && i > 0 && i + 1 < text.size() && is_digit(text[i + 1])) continue;
    if (!is_digit(text[i])) break;
    if (__builtin_mul_overflow(value, 10, &value) ||
        __builtin_add_overflow(value, text[i] - '0', &value))
      return negative ? std::numeric_limits<std::int64_t>::min()
                      : std::numeric_limits<std::int64_t>::max();
  }
  return negative ? -value : value;
}

std::optional<std::int64_t> whole_integer(std::string_view text) {
  text = strip(text);
  if (text.starts_with('+')) text.remove_prefix(1);
  std::int64_t value = 0;
  const auto done = std::from_chars(text.data(), text.data() + text.size(), value);
  if (done.ec != std::errc{} || done.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

Value to_number(const Value& value) {
  if (value.is_number()) return value;
  const auto* given = value.as<Text>();
  if (given == nullptr) return Value::integer(0);
  const std::string_view text = strip(given->view());
  const std::size_t digits = text.starts_with('-') ? 1 : 0;
  const std::size_t point = text.find('.');
  if (point != std::string_view::npos && point > digits && point + 1 < text.size() &&
      std::ranges::all_of(text.substr(digits, point - digits), is_digit) &&
      std::ranges::all_of(text.substr(point + 1), is_digit))
    return Value::real(parse_real(text));
  return Value::integer(leading_integer(text));
}

std::optional<std::int64_t> to_integer(const Value& value) {
  if (const auto* number = value.as<std::int64_t>()) return *number;
  const auto* text = value.as<Text>();
  return text == nullptr ? std::nullopt : whole_integer(text->view());
}

int compare_numbers(const Value& a, const Value& b) {
  const auto *x = a.as<std::int64_t>(), *y = b.as<std::int64_t>();
  if (x != nullptr && y != nullptr) return (*x > *y) - (*x < *y);
  const double left = real_of(a);
  const double right = real_of(b);
  return (left > right) - (left < right);
}

Computed compute(Operation operation, const Value& a, const Value& b) {
  const bool divides = operation == Operation::kDivide || operation == Operation::kModulo;
  if (divides && real_of(b) == 0) return {{}, NumberError::kDivisionByZero};
  const auto *x = a.as<std::int64_t>(), *y = b.as<std::int64_t>();
  if (x != nullptr && y != nullptr) {
    if (operation == Operation::kDivide) return whole(floor_divide(*x, *y));
    const auto exact = exactly(operation, a, b);
    return exact ? whole(exact->mantissa) : Computed{{}, NumberError::kTooLarge};
  }
  if (const auto exact = exactly(operation, a, b))
    return {Value::real(real_of(*exact)), NumberError::kNone};
  return {Value::real(static_cast<double>(roughly(operation, real_of(a), real_of(b)))),
          NumberError::kNone};
}

Computed round_to(const Value& value, std::int64_t places) {
  const auto digits = static_cast<int>(std::clamp<std::int64_t>(places, -kMaxScale, kMaxScale));
  const bool is_whole = value.as<std::int64_t>() != nullptr;
  if (is_whole && digits >= 0) return {value, NumberError::kNone};
  auto decimal = decimal_of(value);
  if (!decimal) {
    if (digits > 0) return {value, NumberError::kNone};
    return whole_of_real(std::round(real_of(value)));
  }
  if (decimal->scale > digits) {
    const int drop = decimal->scale - digits;
    const Wide unit = power_of_ten(drop);
    const bool negative = decimal->mantissa < 0;
    const Wide size = negative ? -decimal->mantissa : decimal->mantissa;
    const Wide rounded = (size + unit / 2) / unit;
    decimal->mantissa = negative ? -rounded : rounded;
    decimal->scale -= drop;
    for (; decimal->scale < 0; ++decimal->scale) decimal->mantissa *= 10;
  }
  if (is_whole || digits == 0) return whole(decimal->mantissa);
  return {Value::real(real_of(*decimal)), NumberError::kNone};
}

Computed round_whole(const Value& value, Direction direction) {
  if (value.as<std::int64_t>() != nullptr) return {value, NumberError::kNone};
  const double real = real_of(value);
  return whole_of_real(direction == Direction::kUp ? std::ceil(real) : std::floor(real));
}

}  // namespace hongyan::liquid
