#include "base/text.h"
#include "cli/output.h"
#include "cli/session.h"
#include "cli/usage.h"
#include "store/keys.h"

#include <algorithm>
#include <iostream>

namespace hongyan::cli {
namespace {

using redis::Command;

constexpr std::int64_t kPage = 500;

struct Options {
  Common common;
  std::string state;
  std::string tenant;
  std::int64_t most = 50;
};

constexpr const char* kFields[] = {"tenant",
                                   "channel",
                                   "state",
                                   "reason",
                                   "total",
                                   "queued",
                                   "claimed",
                                   "in_flight",
                                   "in_doubt",
                                   "deferred",
                                   "delivered",
                                   "bounced",
                                   "charged_micro_yuan"};

const std::vector<std::string> kJobStates = {"scheduled", "planning", "running", "paused",
                                             "unfunded",  "tripped",  "done",    "cancelled"};

int list(const Options& options) {
  if (!options.state.empty() && std::ranges::find(kJobStates, options.state) == kJobStates.end()) {
    const auto meant = nearest(options.state, kJobStates);
    return refuse(options.common, kUsage,
                  "no job is ever '" + options.state + "'" +
                      (meant ? "; did you mean '" + *meant + "'?" : ""));
  }
  auto session = Session::open(options.common);
  if (!session) return report_error(session.error(), options.common);
  const bool json = options.common.json;
  std::vector<Column> columns = {{"id", "JOB"},
                                 {"tenant", "TENANT"},
                                 {"channel", "CHANNEL"},
                                 {"state", "STATE"},
                                 {"total", "TOTAL", true},
                                 {"waiting", "WAITING", true},
                                 {"delivered", "DELIVERED", true},
                                 {"bounced", "BOUNCED", true}};
  if (json) {
    columns.push_back({"charged_micro_yuan", "", true});
    columns.push_back({"reason", ""});
    columns.push_back({"created_at", "", true});
  } else {
    columns.push_back({"cost", "COST", true});
    columns.push_back({"created", "CREATED"});
  }
  RowWriter rows(std::cout, json ? Format::kNdjson : Format::kTable, columns);
  std::int64_t shown = 0;
  for (std::int64_t from = 0; shown < options.most && rows.good(); from += kPage) {
    auto ids = (*session)->call(Command("ZREVRANGE")
                                    .arg(store::keys::kIndex)
                                    .arg(from)
                                    .arg(from + kPage - 1)
                                    .arg("WITHSCORES"));
    if (!ids) return report_error(ids.error(), options.common);
    const auto found = ids->array();
    if (found.empty()) break;
    std::vector<Command> commands;
    for (std::size_t i = 0; i + 1 < found.size(); i += 2) {
      Command get("HMGET");
      get.arg(store::keys::job(found[i].text()));
      for (const char* field : kFields) get.arg(field);
      commands.push_back(std::move(get));
    }
    auto jobs = (*session)->pipeline(std::move(commands));
    if (!jobs) return report_error(jobs.error(), options.common);
    for (std::size_t i = 0; i < jobs->size() && shown < options.most; ++i) {
      const auto& job = (*jobs)[i];
      const std::string_view state = job[2].text();
      if (state.empty()) continue;  // buried since
      if (!options.state.empty() && state != options.state) continue;
      if (!options.tenant.empty() && job[0].text() != options.tenant) continue;
      std::int64_t waiting = 0;
      for (std::size_t k = 5; k < 10; ++k) waiting += job[k].integer();
      const std::int64_t created = found[2 * i + 1].integer();
      std::vector<Cell> cells;
      cells.emplace_back(found[2 * i].text());
      for (std::size_t k = 0; k < 3; ++k) cells.emplace_back(job[k].text());
      if (json) {
        for (const std::int64_t n :
             {job[4].integer(), waiting, job[10].integer(), job[11].integer(), job[12].integer()})
          cells.emplace_back(n);
        cells.emplace_back(job[3].text());
        cells.emplace_back(created);
      } else {
        for (const std::int64_t n :
             {job[4].integer(), waiting, job[10].integer(), job[11].integer()})
          cells.emplace_back(with_commas(n));
        cells.emplace_back(yuan(MicroYuan{job[12].integer()}));
        cells.emplace_back(when(created));
      }
      rows.row(std::move(cells));
      ++shown;
    }
  }
  rows.end(options.state.empty() && options.tenant.empty()
               ? "no jobs; hongyan submit CAMPAIGN.toml --recipients LIST.csv makes one"
               : "no such jobs");
  if (!json && shown == options.most) std::cerr << "the newest " << shown << "; more with -n\n";
  return kDone;
}

}  // namespace

void add_list(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("list", "Jobs, the newest first");
  const auto options = std::make_shared<Options>();
  command->add_option("--state", options->state, "only jobs in this state, e.g. tripped");
  command->add_option("--tenant", options->tenant, "only this tenant's");
  command->add_option("-n", options->most, "at most so many")
      ->transform(at_least_one())
      ->default_str("50");
  add_common(*command, options->common);
  command->footer("Example:\n  hongyan list --state running");
  command->callback([options, &exit_code] { exit_code = list(*options); });
}

}  // namespace hongyan::cli
