#include "cli/progress.h"

#include "cli/output.h"

#include <fmt/format.h>

#include <algorithm>

namespace hongyan::cli {

Progress Progress::of(const store::JobView& job) {
  Progress p;
  p.state = job.text("state");
  p.reason = job.text("reason");
  p.total = job.number("total");
  p.list_complete = job.number("list_complete") == 1;
  for (const std::string_view name : kWaitingStates) p.waiting += job.number(name);
  p.delivered = job.number("delivered");
  p.bounced = job.number("bounced");
  p.deferred = job.number("deferred");
  p.invalid = job.number("invalid");
  p.duplicate = job.number("duplicate");
  p.in_flight = job.number("in_flight");
  p.in_doubt = job.number("in_doubt");
  p.held = job.number("held");
  p.breaker_n = job.number("breaker_n");
  p.breaker_bad = job.number("breaker_bad");
  p.charged = MicroYuan{job.number("charged_micro_yuan")};
  p.at_ms = job.now_ms;
  return p;
}

std::string progress_line(const Progress& now, const Progress& before, std::size_t columns) {
  constexpr std::int64_t kBar = 20;
  const std::int64_t filled = now.total > 0 ? now.final() * kBar / now.total : 0;
  std::string line = "[" + std::string(static_cast<std::size_t>(filled), '#') +
                     std::string(static_cast<std::size_t>(kBar - filled), '-') + "] ";
  if (now.total > 0) line += fmt::format("{:3} % ", now.final() * 100 / now.total);
  line += with_commas(now.final()) + "/" + with_commas(now.total) + (now.list_complete ? "" : "+");

  // In the order of their worth: what does not fit is left out from the end.
  std::vector<std::string> parts;
  if (now.state != "running") parts.push_back(now.state);
  parts.push_back(with_commas(now.delivered) + " delivered");
  const double seconds = static_cast<double>(now.at_ms - before.at_ms) / 1000;
  const double rate =
      seconds > 0
          ? static_cast<double>(now.delivered + now.bounced - before.delivered - before.bounced) /
                seconds
          : 0;
  if (rate > 0) parts.push_back(fmt::format("{:.0f}/s", rate));
  if (rate > 0 && now.list_complete && now.waiting > 0)
    parts.push_back("ETA " +
                    span(static_cast<std::int64_t>(static_cast<double>(now.waiting) / rate)));
  parts.push_back("bad " + percent(now.breaker_bad, now.breaker_n) + " of max 3 %");
  parts.push_back(yuan(now.charged));
  for (const auto& [n, name] : {std::pair{now.bounced, "bounced"},
                                {now.deferred, "deferred"},
                                {now.in_doubt, "in doubt"},
                                {now.invalid, "invalid"},
                                {now.duplicate, "duplicate"},
                                {now.held, "held"}})
    if (n > 0) parts.push_back(with_commas(n) + " " + name);
  for (const std::string& part : parts) {
    if (columns > 0 && display_width(line) + 2 + display_width(part) > columns) break;
    line += "  " + part;
  }
  return line;
}

std::string next_step(const std::string& id, const store::JobView& job) {
  const std::string state = job.text("state");
  const std::string reason = job.text("reason");
  if (state == "tripped")
    return "hongyan report " + id + " --state bounced, then hongyan resume " + id +
           " --reason TEXT --budget N, or hongyan cancel " + id;
  if (state == "unfunded")
    return "hongyan balance top-up " + job.text("tenant") + " AMOUNT --ref R; it goes on by itself";
  if (state == "paused" && reason == "list-incomplete")
    return "push what is missing, or hongyan resume " + id + " to accept what came";
  if (state == "paused" && reason == "max_spend")
    return "max_spend is used up; cancel it, or submit the rest as a new job";
  if (state == "paused") return "hongyan resume " + id;
  if (job.number("held") > 0 || job.number("in_doubt") > 0) return "hongyan doubt " + id;
  if (state == "done" || state == "cancelled") return "hongyan report " + id;
  return {};
}

}  // namespace hongyan::cli
