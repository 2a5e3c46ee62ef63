#include "base/text.h"
#include "cli/find_address.h"
#include "cli/output.h"
#include "cli/report_row.h"

#include <iostream>

namespace hongyan::cli {
namespace {

struct Options {
  Common common;
  std::string address;
  std::string job;
};

MicroYuan cost_of(const FoundRecipient& found) {
  return found.state == 'D' ? MicroYuan{found.view.number("price_micro_yuan")} : MicroYuan{};
}

Json json_of(const FoundRecipient& found) {
  Json attempts = Json::array();
  for (const store::ReplyEntry& entry : found.replies)
    attempts.push(Json::object({{"at", json_number(entry.at_seconds * 1000)},
                                {"attempt", json_number(entry.attempts)},
                                {"reply", Json::string(escape_control(entry.text))}}));
  Json late = Json::array();
  for (const LateMark& mark : found.late)
    late.push(Json::object({{"at", json_number(mark.at_ms)},
                            {"kind", Json::string(std::string(mark.kind))},
                            {"status", Json::string(mark.status)}}));
  return Json::object({{"job", Json::string(found.job)},
                       {"ref", Json::string(found.ref)},
                       {"tenant", Json::string(found.view.text("tenant"))},
                       {"row", json_number(static_cast<std::int64_t>(found.row))},
                       {"address", Json::string(found.address)},
                       {"state", Json::string(std::string(state_name(found.state)))},
                       {"refusal", Json::string(found.refusal)},
                       {"created", json_number(found.view.number("created_at"))},
                       {"attempts", json_number(found.attempts)},
                       {"replies", std::move(attempts)},
                       {"late", std::move(late)},
                       {"due", json_number(found.due_ms)},
                       {"cost_micro_yuan", json_number(cost_of(found).value)}});
}

void print(const FoundRecipient& found) {
  const auto line = [](const std::string& at, const std::string& text) {
    std::cout << "  " << pad(at, 21) << ' ' << escape_control(text) << '\n';
  };
  std::cout << found.job << ", row " << found.row << ": " << state_name(found.state) << ", "
            << yuan(cost_of(found)) << '\n';
  line("", "in logs and events: ref=" + found.ref);
  line(when(found.view.number("created_at")),
       "taken in for " + found.view.text("tenant") + ": " + found.view.text("subject"));
  if (!found.refusal.empty()) line("", "the row was refused: " + found.refusal);
  for (const store::ReplyEntry& entry : found.replies)
    line(when(entry.at_seconds * 1000),
         "attempt " + std::to_string(entry.attempts) + ": " + entry.text);
  for (const LateMark& mark : found.late) line(when(mark.at_ms), "came back: " + late_text({mark}));
  if (found.due_ms > 0) line(when(found.due_ms), "due again");
  const std::string state = found.view.text("state");
  if (found.due_ms == 0 && (found.state == 'q' || found.state == 'c'))
    line("", "waits; its job is " + state + " (hongyan why " + found.job + ")");
}

int trace(const Options& options) {
  if (!options.address.contains('@'))
    return refuse(options.common, kUsage, "'" + options.address + "' is no address");
  auto session = Session::open(options.common);
  if (!session) return report_error(session.error(), options.common);
  auto found = find_address(**session, options.address, options.job);
  if (!found) return report_error(found.error(), options.common);
  if (found->empty())
    return refuse(options.common, kFailed,
                  options.address + " is in no job that is kept" +
                      (options.job.empty() ? "" : " as " + options.job));
  for (const FoundRecipient& one : *found) {
    if (options.common.json)
      print_json(json_of(one));
    else
      print(one);
  }
  return kDone;
}

}  // namespace

void add_trace(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand(
      "trace", "What happened to an address: its timeline in every job, its cost");
  const auto options = std::make_shared<Options>();
  command->add_option("ADDRESS", options->address, "the address")->required();
  command->add_option("--job", options->job, "in this job only");
  add_common(*command, options->common);
  command->footer(
      "Reads every chunk of every job that is kept.\nExample:\n  hongyan trace li@example.cn");
  command->callback([options, &exit_code] { exit_code = trace(*options); });
}

}  // namespace hongyan::cli
