#include "base/money.h"

#include <limits>

namespace hongyan {

Result<MicroYuan> parse_yuan(std::string_view text) {
  const auto bad = [&](std::string_view why) {
    return fail(Scope::kProcess, "bad-amount",
                "'" + std::string(text) + "' is no amount in yuan: " + std::string(why));
  };
  std::string_view rest = text;
  const bool negative = rest.starts_with('-');
  if (negative) rest.remove_prefix(1);
  std::int64_t value = 0;
  int decimals = -1;
  bool digits = false;
  for (const char c : rest) {
    if (c == '.' && decimals < 0) {
      decimals = 0;
      continue;
    }
    if (c < '0' || c > '9') return bad("digits with one decimal point are needed");
    if (decimals >= 0 && ++decimals > 6) return bad("at most six decimals");
    digits = true;
    if (value > (std::numeric_limits<std::int64_t>::max() / 10 - 9) / 1'000'000)
      if (decimals < 0) return bad("too large");
    value = value * 10 + (c - '0');
  }
  if (!digits) return bad("digits are needed");
  for (int i = decimals < 0 ? 0 : decimals; i < 6; ++i) {
    if (value > std::numeric_limits<std::int64_t>::max() / 10) return bad("too large");
    value *= 10;
  }
  return MicroYuan{negative ? -value : value};
}

std::string format_yuan(MicroYuan amount) {
  const bool negative = amount.value < 0;
  const std::uint64_t magnitude = negative ? 0 - static_cast<std::uint64_t>(amount.value)
                                           : static_cast<std::uint64_t>(amount.value);
  std::string fraction = std::to_string(magnitude % 1'000'000);
  fraction.insert(0, 6 - fraction.size(), '0');
  while (fraction.size() > 2 && fraction.back() == '0') fraction.pop_back();
  return (negative ? "-" : "") + std::to_string(magnitude / 1'000'000) + "." + fraction;
}

}  // namespace hongyan
