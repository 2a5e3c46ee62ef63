// Contacts of a list, in orders of some hundred. Who is in the plan already stays as he is, so an
// interrupted command is simply run again.
#include "base/list_value.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/judge_campaign.h"
#include "cli/mailbox_order.h"
#include "cli/output.h"
#include "cli/plan_answer.h"
#include "cli/submit_list.h"

#include <charconv>
#include <fstream>
#include <iostream>
#include <memory>

namespace hongyan::cli {
namespace {

constexpr std::size_t kContacts = 500;  // of one order
// The variable that is the contact's time zone.
constexpr std::string_view kZone = "tz";

struct Options {
  Common common;
  std::string plan;
  std::string contacts;
  list::ListOptions list;
};

Json contact_of(const list::Row& row) {
  Json contact = Json::object({{"to", Json::string(row.address->normalised())}});
  Json vars = Json::object();
  for (const auto& [name, value] : row.vars) {
    if (name == kZone) {
      contact.set("tz", Json::string(value));
    } else if (is_json_value(value)) {
      if (auto json = parse_json(json_of_value(value))) vars.set(name, *std::move(json));
    } else {
      vars.set(name, Json::string(value));
    }
  }
  contact.set("vars", std::move(vars));
  return contact;
}

// Adds up what the engine said to each order.
class Adder {
 public:
  Adder(Session& session, std::string plan) : session_(session), plan_(std::move(plan)) {}

  Result<void> add(const list::Row& row) {
    if (row.refused()) return {};
    open_.push(contact_of(row));
    return open_.items().size() < kContacts ? Result<void>{} : flush();
  }
  Result<void> flush() {
    if (open_.items().empty()) return {};
    const auto answer =
        give_order(session_, "plan.add", {{"plan", plan_}, {"contacts", to_json(open_)}});
    if (!answer) return std::unexpected(answer.error());
    if (!*answer) return fail(Scope::kProcess, "no-engine", "no engine has answered");
    if (Faults faults = faults_of(**answer); !faults.empty())
      return fail(Scope::kJob, "refused", faults.front().sentence());
    added += number(**answer, "added");
    known += number(**answer, "known");
    if (const Json* list = (*answer)->find("refused"))
      for (const Json& one : list->items())
        refusals.push_back(text_at(one, "to") + ": " + text_at(one, "why"));
    open_ = Json::array();
    return {};
  }

  std::int64_t added = 0, known = 0;
  std::vector<std::string> refusals;

 private:
  static std::int64_t number(const Json& json, std::string_view name) {
    const std::string text = text_at(json, name);
    std::int64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
  }

  Session& session_;
  std::string plan_;
  Json open_ = Json::array();
};

int add_contacts(const Options& options) {
  const Common& common = options.common;
  std::ifstream file;
  if (options.contacts != "-") {
    file.open(options.contacts, std::ios::binary);
    if (!file) return refuse(common, kFailed, options.contacts + ": cannot be opened for reading");
  }
  ListSource source(options.contacts == "-" ? std::cin : file, options.list);
  if (auto begun = source.begin(); !begun) return refuse(common, kFailed, begun.error().detail);
  auto session = Session::open(common);
  if (!session) return report_error(session.error(), common);
  Adder adder(**session, options.plan);
  auto read = source.read([&](const list::Row& row) { return adder.add(row); });
  if (!read) return report_error(read.error(), common);
  if (auto flushed = adder.flush(); !flushed) return report_error(flushed.error(), common);
  adder.refusals.insert(adder.refusals.begin(), read->first_refusals.begin(),
                        read->first_refusals.end());
  const auto refused = static_cast<std::int64_t>(read->rows) - adder.added - adder.known;
  if (common.json) {
    Json list = Json::array();
    for (const std::string& one : adder.refusals) list.push(Json::string(one));
    print_json(Json::object({{"ok", Json::boolean(true)},
                             {"plan", Json::string(options.plan)},
                             {"added", json_number(adder.added)},
                             {"known", json_number(adder.known)},
                             {"refused", json_number(refused)},
                             {"refusals", std::move(list)}}));
    return kDone;
  }
  for (const std::string& one : adder.refusals) std::cerr << escape_control(one) << '\n';
  std::cout << "plan " << options.plan << ": " << with_commas(adder.added) << " added, "
            << with_commas(adder.known) << " were in it, " << with_commas(refused) << " refused\n";
  return kDone;
}

}  // namespace

void add_plan_add(CLI::App& plan, int& exit_code) {
  CLI::App* command = plan.add_subcommand("add", "Add contacts; each gets the first step when due");
  const auto options = std::make_shared<Options>();
  command->add_option("PLAN", options->plan, "the plan's id")->required();
  command
      ->add_option("--contacts", options->contacts,
                   "CSV or NDJSON file, - for stdin; a column tz is the contact's time zone")
      ->required();
  command->add_option("--to-column", options->list.to_column, "the column with the addresses");
  add_common(*command, options->common);
  command->footer("Example:\n  hongyan plan add welcome --contacts new.csv");
  command->callback([options, &exit_code] { exit_code = add_contacts(*options); });
}

}  // namespace hongyan::cli
