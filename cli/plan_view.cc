// list, show and report.
#include "base/text.h"
#include "cli/command.h"
#include "cli/output.h"
#include "cli/session.h"
#include "store/keys.h"
#include "store/plan_store.h"

#include <charconv>
#include <iostream>
#include <memory>

namespace hongyan::cli {
namespace {

using Fields = store::PlanStore::Fields;

struct Options {
  Common common;
  std::string plan;
};

std::string at(const Fields& fields, std::string_view name) {
  const auto found = fields.find(name);
  return found == fields.end() ? std::string() : found->second;
}

std::int64_t number(const Fields& fields, std::string_view name) {
  const std::string text = at(fields, name);
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

int list(const Options& options) {
  const Common& common = options.common;
  auto session = Session::open(common);
  if (!session) return report_error(session.error(), common);
  store::PlanStore plans((*session)->jobs());
  const auto all = (*session)->run(plans.all());
  if (!all) return report_error(all.error(), common);
  const Format format = common.json ? Format::kNdjson : Format::kTable;
  RowWriter rows(std::cout, format,
                 {{"plan", "PLAN"},
                  {"tenant", "TENANT"},
                  {"state", "STATE"},
                  {"contacts", "CONTACTS", true},
                  {"waiting", "WAITING", true},
                  {"sending", "SENDING", true},
                  {"done", "DONE", true},
                  {"stopped", "STOPPED", true},
                  {"created_at", "CREATED"}});
  for (const std::string& id : *all) {
    const auto fields = (*session)->run(plans.load(id));
    if (!fields) return report_error(fields.error(), common);
    rows.row({id, at(*fields, "tenant"), at(*fields, "state"), number(*fields, "contacts"),
              number(*fields, "waiting"), number(*fields, "sending"), number(*fields, "done"),
              number(*fields, "stopped"), at_cell(number(*fields, "created_at"), format)});
  }
  rows.end("no plan was made (hongyan plan create PLAN.toml)");
  return kDone;
}

// The plan's hash; nothing: it was said why not.
std::optional<Fields> load_or_tell(Session& session, const Options& options, int& code) {
  auto fields = session.run(store::PlanStore(session.jobs()).load(options.plan));
  if (!fields) {
    code = report_error(fields.error(), options.common);
    return std::nullopt;
  }
  if (fields->empty()) {
    code = refuse(options.common, kFailed, "there is no plan " + options.plan);
    return std::nullopt;
  }
  return *std::move(fields);
}

Json steps_of(const Fields& fields) {
  Json steps = Json::array();
  for (int step = 1;; ++step) {
    const std::string name = "step:" + std::to_string(step) + ":";
    if (!fields.contains(name + "taken")) return steps;
    steps.push(Json::object({{"step", json_number(step)},
                             {"sent", json_number(number(fields, name + "taken"))},
                             {"delivered", json_number(number(fields, name + "delivered"))},
                             {"failed", json_number(number(fields, name + "failed"))}}));
  }
}

Json reasons_of(const Fields& fields) {
  constexpr std::string_view kPrefix = "stopped:";
  Json reasons = Json::object();
  for (const auto& [name, value] : fields)
    if (name.starts_with(kPrefix)) reasons.set(name.substr(kPrefix.size()), Json::number(value));
  return reasons;
}

int show(const Options& options) {
  const Common& common = options.common;
  auto session = Session::open(common);
  if (!session) return report_error(session.error(), common);
  int code = kDone;
  const auto fields = load_or_tell(**session, options, code);
  if (!fields) return code;
  const Json steps = steps_of(*fields);
  const Json reasons = reasons_of(*fields);
  if (common.json) {
    Json json = Json::object({{"ok", Json::boolean(true)}, {"plan", Json::string(options.plan)}});
    for (const char* name : {"tenant", "state", "reason", "actor"})
      json.set(name, Json::string(at(*fields, name)));
    for (const char* name :
         {"contacts", "waiting", "sending", "done", "stopped", "revision", "created_at"})
      json.set(name, json_number(number(*fields, name)));
    json.set("stopped_for", reasons);
    json.set("steps", steps);
    if (auto document = parse_json(at(*fields, "document")))
      json.set("document", *std::move(document));
    print_json(json);
    return kDone;
  }
  Facts facts;
  facts.add("plan", options.plan);
  facts.add("tenant", at(*fields, "tenant"));
  const std::string reason = at(*fields, "reason");
  facts.add("state", at(*fields, "state") + (reason.empty() ? "" : ": " + reason));
  for (const char* name : {"contacts", "waiting", "sending", "done", "stopped"})
    facts.add(name, with_commas(number(*fields, name)));
  for (const auto& [name, count] : reasons.members()) facts.add("  " + name, count.text());
  facts.add("created", when(number(*fields, "created_at")));
  facts.print(std::cout);
  for (const Json& step : steps.items())
    std::cout << "step " << step.find("step")->text() << ": " << step.find("sent")->text()
              << " sent, " << step.find("delivered")->text() << " delivered, "
              << step.find("failed")->text() << " failed\n";
  return kDone;
}

int report(const Options& options) {
  const Common& common = options.common;
  auto session = Session::open(common);
  if (!session) return report_error(session.error(), common);
  int code = kDone;
  if (!load_or_tell(**session, options, code)) return code;
  const auto contacts = (*session)->call(
      redis::Command("ZRANGE").arg(store::keys::of_plan(options.plan, "contacts")).arg(0).arg(-1));
  if (!contacts) return report_error(contacts.error(), common);
  const Format format = common.json ? Format::kNdjson : Format::kTable;
  RowWriter rows(std::cout, format,
                 {{"contact", "CONTACT"},
                  {"state", "STATE"},
                  {"reason", "REASON"},
                  {"steps", "STEPS", true},
                  {"joined_at", "JOINED"},
                  {"last_at", "LAST MAIL"},
                  {"next_at", "LOOKED AT AGAIN"}});
  store::PlanStore plans((*session)->jobs());
  for (const auto& one : contacts->array()) {
    const std::string address(one.text());
    const auto fields = (*session)->run(plans.contact(options.plan, address));
    if (!fields) return report_error(fields.error(), common);
    const auto due = (*session)->call(
        redis::Command("ZSCORE").arg(store::keys::of_plan(options.plan, "due")).arg(address));
    if (!due) return report_error(due.error(), common);
    rows.row({address, at(*fields, "state"), at(*fields, "reason"), number(*fields, "steps"),
              at_cell(number(*fields, "joined_at"), format),
              at_cell(number(*fields, "last_at"), format), at_cell(due->integer(), format)});
    if (!rows.good()) break;
  }
  rows.end("the plan has no contacts (hongyan plan add)");
  return kDone;
}

void add(CLI::App& plan, int& exit_code, const char* name, const char* what, const char* example,
         int (*run)(const Options&), bool with_plan) {
  CLI::App* command = plan.add_subcommand(name, what);
  const auto options = std::make_shared<Options>();
  if (with_plan) command->add_option("PLAN", options->plan, "the plan's id")->required();
  add_common(*command, options->common);
  command->footer(std::string("Example:\n  ") + example);
  command->callback([options, &exit_code, run] { exit_code = run(*options); });
}

}  // namespace

void add_plan_view(CLI::App& plan, int& exit_code) {
  add(plan, exit_code, "list", "All plans", "hongyan plan list", list, false);
  add(plan, exit_code, "show", "One plan: its steps, who waits, why contacts were stopped",
      "hongyan plan show welcome", show, true);
  add(plan, exit_code, "report", "A row for each contact", "hongyan plan report welcome --json",
      report, true);
}

}  // namespace hongyan::cli
