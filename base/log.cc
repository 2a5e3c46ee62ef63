#include "base/log.h"

#include "base/json.h"
#include "base/text.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <spdlog/async.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <iterator>
#include <memory>

namespace hongyan::log {
namespace {

std::atomic<Level> g_least{Level::kInfo};
std::atomic<bool> g_json{false};

spdlog::logger& logger() {
  static const std::shared_ptr<spdlog::logger> instance = [] {
    auto made = std::make_shared<spdlog::logger>("hongyan",
                                                 std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_formatter(std::make_unique<spdlog::pattern_formatter>(
        "%v", spdlog::pattern_time_type::utc, std::string()));  // lines have their end
    made->set_level(spdlog::level::trace);
    made->flush_on(spdlog::level::trace);
    return made;
  }();
  return *instance;
}

std::string_view word(Level level) {
  switch (level) {
    case Level::kDebug:
      return "debug";
    case Level::kInfo:
      return "info";
    case Level::kWarning:
      return "warning";
    case Level::kError:
      return "error";
    case Level::kFatal:
      return "fatal";
    case Level::kPanic:
      return "panic";
  }
  return "panic";
}

void append_quoted(std::string& line, std::string_view safe) {
  line += '"';
  for (const char c : safe) {
    if (c == '"') line += '\\';
    line += c;
  }
  line += '"';
}

void append_value(std::string& line, std::string_view value) {
  const std::string safe = escape_control(value);
  const bool plain = !safe.empty() && safe.find_first_of(" \"=\\") == std::string::npos;
  if (plain)
    line += safe;
  else
    append_quoted(line, safe);
}

void append_value(std::string& line, std::int64_t value) {
  line += std::to_string(value);
}
void append_value(std::string& line, double value) {
  fmt::format_to(std::back_inserter(line), "{:.3f}", value);
}

void append_json_value(std::string& line, std::string_view value) {
  append_json(line, Json::string(escape_control(value)));
}
void append_json_value(std::string& line, auto value) {
  append_value(line, value);
}

void append_time(std::string& line, WallTime at) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(at);
  fmt::format_to(std::back_inserter(line), "{:%Y-%m-%dT%H:%M:%S}.{:03d}Z",
                 fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)),
                 static_cast<int>(std::chrono::floor<Millis>(at - seconds).count()));
}

}  // namespace

void set_level(Level least) {
  g_least.store(least, std::memory_order_relaxed);
}

void set_json(bool json) {
  g_json.store(json, std::memory_order_relaxed);
}

void append_line(std::string& out, WallTime at, Level level, std::string_view event,
                 Fields fields) {
  const bool json = g_json.load(std::memory_order_relaxed);
  if (json) out += R"({"at":")";
  append_time(out, at);
  out += json ? R"(","level":")" : " ";
  out += word(level);
  out += json ? R"(","event":")" : " ";
  out += event;
  if (json) out += '"';
  for (const Field& field : fields) {
    out += json ? ",\"" : " ";
    out += field.key;
    out += json ? "\":" : "=";
    std::visit(
        [&](auto value) {
          if (json)
            append_json_value(out, value);
          else
            append_value(out, value);
        },
        field.value);
  }
  if (json) out += '}';
  out += '\n';
}

void write(Level level, std::string_view event, Fields fields) {
  if (level < g_least.load(std::memory_order_relaxed)) return;
  std::string line;
  const SystemClock clock;
  append_line(line, clock.wall(), level, event, fields);
  logger().log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
}

void flush() {
  logger().flush();
}

}  // namespace hongyan::log
