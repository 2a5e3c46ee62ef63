#include "scheduler/rate.h"

#include "base/text.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <charconv>

namespace hongyan::scheduler {
namespace {

using std::chrono::nanoseconds;

struct Unit {
  std::string_view name;
  Millis length;
};
constexpr std::array kUnits = {Unit{"s", std::chrono::seconds(1)},
                               Unit{"min", std::chrono::minutes(1)},
                               Unit{"h", std::chrono::hours(1)}, Unit{"d", std::chrono::hours(24)}};

// Keeps count * interval within 64 bits; no rate is longer than a day.
constexpr nanoseconds kMaxTolerance = std::chrono::hours(24 * 365);

std::unexpected<Error> bad_rate(std::string_view text, std::string_view why) {
  return fail(Scope::kProcess, "bad-rate",
              "\"" + escape_control(text) + "\" is no rate: " + std::string(why) +
                  "; write for example \"100/min\" or \"5/s burst 10\"");
}

// The decimal number at the front of `text`, which it consumes; 0: none, or out of range.
std::int64_t take_number(std::string_view& text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || value < 1 || value > kMaxRateCount) return 0;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

}  // namespace

std::int64_t default_burst(std::int64_t count) {
  return std::max<std::int64_t>(1, count / 100);
}

Result<Rate> parse_rate(std::string_view text) {
  constexpr std::string_view kRange = "a number from 1 to 1000000000 is needed";
  std::string_view rest = trim_blanks(text);
  Rate rate;
  rate.count = take_number(rest);
  if (rate.count == 0)
    return bad_rate(text, std::string("before the slash ") + std::string(kRange));
  rest = trim_blanks(rest);
  if (!rest.starts_with('/')) return bad_rate(text, "a slash must follow the number");
  rest = trim_blanks(rest.substr(1));
  const std::string_view name = rest.substr(0, rest.find_first_of(" \t"));
  const auto unit = std::ranges::find(kUnits, name, &Unit::name);
  if (unit == kUnits.end()) return bad_rate(text, "the unit must be s, min, h or d");
  rate.per = unit->length;
  rate.burst = default_burst(rate.count);
  rest = trim_blanks(rest.substr(name.size()));
  if (rest.empty()) return rate;
  constexpr std::string_view kBurst = "burst";
  if (!rest.starts_with(kBurst)) return bad_rate(text, "only \"burst B\" may follow the unit");
  rest = trim_blanks(rest.substr(kBurst.size()));
  rate.burst = take_number(rest);
  if (rate.burst == 0) return bad_rate(text, std::string("after burst ") + std::string(kRange));
  if (!rest.empty()) return bad_rate(text, "nothing may follow the burst");
  return rate;
}

std::string format_rate(const Rate& rate) {
  const auto unit = std::ranges::find(kUnits, rate.per, &Unit::length);
  assert(unit != kUnits.end());
  std::string text = std::to_string(rate.count) + "/" + std::string(unit->name);
  if (rate.burst != default_burst(rate.count)) text += " burst " + std::to_string(rate.burst);
  return text;
}

double per_second(const Rate& rate) {
  return static_cast<double>(rate.count) / std::chrono::duration<double>(rate.per).count();
}

double lowest_per_second(std::span<const Rate> rates) {
  double lowest = 0;
  for (const Rate& rate : rates) {
    if (lowest == 0 || per_second(rate) < lowest) lowest = per_second(rate);
  }
  return lowest;
}

Gcra::Gcra(std::span<const Rate> rates) {
  cells_.reserve(rates.size());
  for (const Rate& rate : rates) {
    const nanoseconds interval{(nanoseconds(rate.per).count() + rate.count - 1) / rate.count};
    const std::int64_t room = kMaxTolerance / interval;
    cells_.push_back({interval, interval * std::min(rate.burst - 1, room), SteadyTime::min()});
  }
}

nanoseconds Gcra::time_until_allowed(SteadyTime now) const {
  nanoseconds wait{0};
  for (const Cell& cell : cells_) {
    if (cell.tat <= now) continue;  // also keeps the subtraction below in range
    wait = std::max(wait, cell.tat - cell.tolerance - now);
  }
  return wait;
}

void Gcra::take(SteadyTime now) {
  for (Cell& cell : cells_) cell.tat = std::max(cell.tat, now) + cell.interval;
}

}  // namespace hongyan::scheduler
