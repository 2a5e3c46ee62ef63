#include "base/text.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/published.h"
#include "cli/report_row.h"
#include "cli/variants.h"
#include "engine/core/job_message.h"

#include <iostream>

namespace hongyan::cli {
namespace {

struct Options {
  Common common;
  std::string job;
  std::string format = "table";
  std::string states;
  bool invalid = false;
};

// State bytes of --state and --invalid; empty: all.
std::expected<std::string, std::string> wanted_states(const Options& options) {
  std::string wanted = options.invalid ? "I" : "";
  if (options.states.empty()) return wanted;
  for (const std::string_view name : split(options.states, ',')) {
    const std::string bytes = state_bytes(name);
    if (bytes.empty()) {
      std::vector<std::string> known(kWaitingStates.begin(), kWaitingStates.end());
      known.insert(known.end(), kFinalStates.begin(), kFinalStates.end());
      const auto meant = nearest(name, known);
      return std::unexpected("there is no state '" + std::string(name) + "'" +
                             (meant ? "; did you mean '" + *meant + "'?" : ""));
    }
    wanted += bytes;
  }
  return wanted;
}

int print_rows(Session& session, const Options& options, const store::JobView& job,
               const std::string& wanted) {
  const bool table = options.format == "table";
  const Format format = table                     ? Format::kTable
                        : options.format == "csv" ? Format::kCsv
                                                  : Format::kNdjson;
  const std::int64_t price = job.number("price_micro_yuan");
  const std::vector<std::string> variants = variants_of(job);
  std::vector<Column> columns{{"row", "ROW", true},
                              {"address", "ADDRESS"},
                              {"state", "STATE"},
                              {"attempts", "ATTEMPTS", true},
                              table ? Column{"cost", "COST", true} : Column{"cost_micro_yuan", ""},
                              {"reply_at", "AT"},
                              {"reply", "LAST REPLY"}};
  // People are spared a column that is empty.
  const bool late =
      !table ||
      job.number("late_bounced") + job.number("complaints") + job.number("unsubscribed") > 0;
  if (late) columns.push_back({"late", "CAME BACK"});
  if (!variants.empty()) columns.push_back({"variant", "VARIANT"});
  const bool tracked = job.number("tracked") == 1;
  if (tracked) {
    columns.push_back({"opened", "OPENED"});
    columns.push_back({"clicks", "CLICKS", true});
  }
  RowWriter rows(std::cout, format, std::move(columns));
  auto done = each_recipient(
      session, options.job, static_cast<std::uint64_t>(job.number("chunks")), wanted,
      [&](const RecipientRow& r) {
        const std::int64_t cost = r.state == 'D' ? price : 0;
        std::vector<Cell> cells{static_cast<std::int64_t>(r.row),
                                r.address,
                                state_name(r.state),
                                r.attempts,
                                table ? Cell(cost > 0 ? yuan(MicroYuan{cost}) : "-") : Cell(cost),
                                at_cell(r.reply_at * 1000, format),
                                r.reply};
        if (late) cells.emplace_back(late_text(r.late));
        if (!variants.empty())
          cells.emplace_back(variants[engine::variant_of(r.chunk, r.index, variants.size())]);
        if (tracked) {
          cells.emplace_back(r.opened ? "yes" : "no");
          cells.emplace_back(r.clicks);
        }
        rows.row(std::move(cells));
        return rows.good();
      },
      tracked);
  if (done || rows.rows() > 0) rows.end(options.invalid ? "no invalid rows" : "no recipients");
  if (!done) return report_error(done.error(), options.common);
  return kDone;
}

int print_pmta(Session& session, const Options& options, const store::JobView& job,
               const std::string& wanted) {
  auto fleet = published_fleet(session);
  if (!fleet) return report_error(fleet.error(), options.common);
  PmtaJob about{options.job, job.text("channel"), job.text("tenant"), "", job.number("created_at")};
  if (fleet->has_value())
    if (const auto at = (*fleet)->channels.find(about.channel); at != (*fleet)->channels.end())
      about.orig = at->second.envelope_sender;
  std::cout << kPmtaColumns << '\n';
  auto done = each_recipient(session, options.job, static_cast<std::uint64_t>(job.number("chunks")),
                             wanted, [&](const RecipientRow& row) {
                               const std::string line = pmta_line(row, about);
                               if (!line.empty()) std::cout << line << '\n';
                               return std::cout.good();
                             });
  std::cout.flush();
  if (!done) return report_error(done.error(), options.common);
  return kDone;
}

int report(Options options) {
  if (options.common.json) options.format = "ndjson";
  const auto wanted = wanted_states(options);
  if (!wanted) return refuse(options.common, kUsage, wanted.error());
  auto session = Session::open(options.common);
  if (!session) return report_error(session.error(), options.common);
  auto job = (*session)->load_job(options.job);
  if (!job) return report_error(job.error(), options.common);
  if (!job->exists()) return refuse(options.common, kFailed, (*session)->unknown_job(options.job));
  if (job->number("tombstone") == 1)
    return refuse(options.common, kFailed,
                  "job " + options.job + " ended and its data has been removed (retention)");
  if (options.format == "pmta") return print_pmta(**session, options, *job, *wanted);
  return print_rows(**session, options, *job, *wanted);
}

}  // namespace

void add_report(CLI::App& app, int& exit_code) {
  CLI::App* command =
      app.add_subcommand("report", "One row per recipient: state, attempts, cost, last reply");
  const auto options = std::make_shared<Options>();
  command->add_option("JOB", options->job, "the job's id")->required();
  command->add_flag("--invalid", options->invalid, "only refused rows, each with its reason");
  command->add_option("--state", options->states, "only these states: bounced,deferred,...");
  command->add_option("--format", options->format, "table, csv, ndjson or pmta (PowerMTA columns)")
      ->check(CLI::IsMember({"table", "csv", "ndjson", "pmta"}))
      ->default_str("table");
  add_common(*command, options->common);
  command->footer(
      "Rows come grouped by receiving domain; ROW is the row of your file, its header included.\n"
      "Example:\n  hongyan report spring-1 --state bounced,expired --format csv > bad.csv");
  command->callback([options, &exit_code] { exit_code = report(*options); });
}

}  // namespace hongyan::cli
