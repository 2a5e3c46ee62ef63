#include "cli/lanes.h"
#include "cli/output.h"

#include <fmt/format.h>

#include <iostream>
#include <sstream>
#include <thread>
#include <unistd.h>

namespace hongyan::cli {
namespace {

constexpr std::size_t kRefusalShown = 60;

struct Options {
  Common common;
  bool once = false;
  std::size_t lines = 40;
};

Json json_of(const LaneRow& lane) {
  const auto real = [](double value) { return Json::number(fmt::format("{:.3f}", value)); };
  return Json::object({{"engine", Json::string(lane.engine)},
                       {"provider", Json::string(lane.provider)},
                       {"source", Json::string(lane.source)},
                       {"waiting", json_number(lane.waiting)},
                       {"in_flight", json_number(lane.in_flight)},
                       {"connections", json_number(lane.connections)},
                       {"per_second", real(lane.per_second)},
                       {"allowed_per_second", real(lane.allowed_per_second)},
                       {"held_by", Json::string(lane.held_by)},
                       {"mode", Json::string(lane.mode)},
                       {"reason", Json::string(lane.reason)},
                       {"reply", Json::string(lane.reply)},
                       {"paused_until", json_number(lane.paused_until_ms)},
                       {"oldest_seconds", real(lane.oldest_seconds)},
                       {"judged", json_number(lane.judged)},
                       {"bad", json_number(lane.bad)},
                       {"warmup", Json::string(lane.warmup)},
                       {"last_refusal", Json::string(lane.last_refusal)}});
}

void print(std::ostream& out, const std::vector<LaneRow>& lanes, std::size_t most) {
  RowWriter rows(out, Format::kTable,
                 {{"provider", "PROVIDER"},
                  {"source", "SOURCE"},
                  {"waiting", "WAITING", true},
                  {"in_flight", "FLYING", true},
                  {"connections", "CONN", true},
                  {"per_second", "MSG/S", true},
                  {"allowed_per_second", "LIMIT/S", true},
                  {"held_by", "HELD BY"},
                  {"mode", "MODE"},
                  {"oldest", "OLDEST", true},
                  {"bad", "BAD", true},
                  {"last_refusal", "LAST REFUSAL"}});
  for (std::size_t i = 0; i < lanes.size() && i < most; ++i) {
    const LaneRow& lane = lanes[i];
    rows.row(
        {lane.provider, lane.source, lane.waiting, lane.in_flight, lane.connections,
         fmt::format("{:.1f}", lane.per_second),
         lane.allowed_per_second > 0 ? fmt::format("{:.1f}", lane.allowed_per_second) : "-",
         lane.held_by, lane.reason.empty() ? lane.mode : lane.mode + " (" + lane.reason + ")",
         lane.waiting > 0 ? span(static_cast<std::int64_t>(lane.oldest_seconds)) : "-",
         lane.judged > 0 ? percent(lane.bad, lane.judged) + " of " + with_commas(lane.judged) : "-",
         lane.last_refusal.substr(0, kRefusalShown)});
  }
  rows.end("no lane is at work");
  if (lanes.size() > most) out << "and " << lanes.size() - most << " more\n";
}

int top(const Options& options) {
  auto session = Session::open(options.common);
  if (!session) return report_error(session.error(), options.common);
  const bool live = !options.once && !options.common.json && isatty(STDOUT_FILENO) == 1;
  for (;;) {
    const auto lanes = load_lanes(**session);
    if (!lanes) return report_error(lanes.error(), options.common);
    if (options.common.json) {
      for (const LaneRow& lane : *lanes) print_json(json_of(lane));
      return kDone;
    }
    std::ostringstream page;
    print(page, *lanes, options.lines);
    std::cout << (live ? "\x1b[H\x1b[2J" : "") << page.str() << std::flush;
    if (!live) return kDone;
    std::this_thread::sleep_for(std::chrono::seconds(1));
  }
}

}  // namespace

void add_top(CLI::App& app, int& exit_code) {
  CLI::App* command =
      app.add_subcommand("top", "Lanes at work: what waits, how fast it goes, what holds it");
  const auto options = std::make_shared<Options>();
  command->add_flag("--once", options->once, "print and end, as when the output is no terminal");
  command->add_option("--lines", options->lines, "lanes shown")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  add_common(*command, options->common);
  command->footer("Example:\n  hongyan top --once");
  command->callback([options, &exit_code] { exit_code = top(*options); });
}

}  // namespace hongyan::cli
