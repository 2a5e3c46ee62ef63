#pragma once

#include "base/clock.h"

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

// One line per fact on standard error, fields in the order given:
//   2026-01-05T08:00:00.123Z warning redis-away url=redis://127.0.0.1:6379 for=3s
// or, as JSON for collectors of logs:
//   {"at":"2026-01-05T08:00:00.123Z","level":"warning","event":"redis-away","url":"redis://127.0.0.1:6379","for":"3s"}
// Text values are escaped; a value with a blank is quoted. Four words above info, as in Postfix:
// warning (odd, handled), error (this delivery), fatal (environment: exit), panic (our bug).
namespace hongyan::log {

enum class Level : unsigned char { kDebug, kInfo, kWarning, kError, kFatal, kPanic };

struct Field {
  std::string_view key;
  std::variant<std::string_view, std::int64_t, double> value;
  Field(std::string_view k, std::string_view v) : key(k), value(v) {}
  Field(std::string_view k, const char* v) : key(k), value(std::string_view(v)) {}
  Field(std::string_view k, const std::string& v) : key(k), value(std::string_view(v)) {}
  Field(std::string_view k, double v) : key(k), value(v) {}
  template <class T>
    requires std::is_integral_v<T>
  Field(std::string_view k, T v) : key(k), value(static_cast<std::int64_t>(v)) {}
};
using Fields = std::initializer_list<Field>;

// Call once from main; before it, lines at info and above go to standard error.
void set_level(Level least);
void set_json(bool json);
void write(Level level, std::string_view event, Fields fields);
// Everything written so far is out when this returns. Outcome lines are buffered, others are not.
void flush();
// One whole line, for who writes many of them at once.
void append_line(std::string& out, WallTime at, Level level, std::string_view event, Fields fields);

inline void debug(std::string_view event, Fields f = {}) {
  write(Level::kDebug, event, f);
}
inline void info(std::string_view event, Fields f = {}) {
  write(Level::kInfo, event, f);
}
inline void warning(std::string_view event, Fields f = {}) {
  write(Level::kWarning, event, f);
}
inline void error(std::string_view event, Fields f = {}) {
  write(Level::kError, event, f);
}
inline void fatal(std::string_view event, Fields f = {}) {
  write(Level::kFatal, event, f);
}
inline void panic(std::string_view event, Fields f = {}) {
  write(Level::kPanic, event, f);
}

}  // namespace hongyan::log
