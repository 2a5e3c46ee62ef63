#include "base/duration.h"

#include <array>
#include <charconv>

namespace hongyan {
namespace {

struct Unit {
  std::string_view name;
  Millis length;
};
constexpr std::array kUnits = {Unit{"d", std::chrono::days(1)}, Unit{"h", std::chrono::hours(1)},
                               Unit{"m", std::chrono::minutes(1)},
                               Unit{"s", std::chrono::seconds(1)}, Unit{"ms", Millis(1)}};
constexpr Millis kLongest = std::chrono::days(10'000);

}  // namespace

Result<Millis> parse_duration(std::string_view text) {
  std::int64_t count = -1;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, count);
  const std::string_view name(rest, static_cast<std::size_t>(end - rest));
  for (const Unit& unit : kUnits) {
    if (error != std::errc{} || count < 0 || name != unit.name) continue;
    if (count > kLongest / unit.length) break;
    return unit.length * count;
  }
  return fail(Scope::kProcess, "bad-duration",
              "'" + std::string(text) +
                  "' is no length of time: a whole number and ms, s, m, h or d is needed, "
                  "for example \"15m\" (at most 10000d)");
}

std::string format_duration(Millis span) {
  if (span == Millis::zero()) return "0s";
  for (const Unit& unit : kUnits)
    if (span % unit.length == Millis::zero())
      return std::to_string(span / unit.length) + std::string(unit.name);
  return {};  // unreachable: every span is whole in the last unit
}

}  // namespace hongyan
