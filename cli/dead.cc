#include "base/text.h"
#include "cli/output.h"
#include "cli/usage.h"
#include "cli/verdict.h"
#include "store/keys.h"

#include <fmt/format.h>

#include <iostream>

namespace hongyan::cli {
namespace {

using redis::Command;

// What intake keeps of a document; a longer one was cut and cannot be submitted again from here.
constexpr std::size_t kDeadBytes = 64 * 1024;

struct Options {
  Common common;
  std::string id;
  std::int64_t most = 50;
};

std::string field(const redis::Reply& entry, std::string_view name) {
  const redis::Reply* value = entry[1].find(name);
  return value == nullptr ? std::string() : std::string(value->text());
}

std::vector<std::string> faults_of(const redis::Reply& entry) {
  std::vector<std::string> sentences;
  if (const auto list = parse_json(field(entry, "faults")))
    for (const Json& fault : list->items()) sentences.push_back(fault.text());
  return sentences;
}

int list(const Options& options) {
  auto session = Session::open(options.common);
  if (!session) return report_error(session.error(), options.common);
  auto entries = (*session)->call(Command("XREVRANGE")
                                      .arg(store::keys::kDead)
                                      .arg("+")
                                      .arg("-")
                                      .arg("COUNT")
                                      .arg(options.most));
  if (!entries) return report_error(entries.error(), options.common);
  if (options.common.json) {
    for (const auto& entry : entries->array()) {
      Json faults = Json::array();
      for (const std::string& fault : faults_of(entry)) faults.push(Json::string(fault));
      const std::string at = field(entry, "at");
      print_json(Json::object({{"id", Json::string(std::string(entry[0].text()))},
                               {"job", Json::string(field(entry, "id"))},
                               {"at", Json::string(at)},
                               {"digest", Json::string(field(entry, "digest"))},
                               {"faults", std::move(faults)},
                               {"document", Json::string(field(entry, "job"))}}));
    }
    return kDone;
  }
  RowWriter rows(std::cout, Format::kTable,
                 {{"id", "ID"}, {"at", "AT"}, {"job", "JOB"}, {"fault", "FAULTS"}});
  for (const auto& entry : entries->array()) {
    const auto faults = faults_of(entry);
    const std::string job = field(entry, "id");
    const std::int64_t at = std::strtoll(field(entry, "at").c_str(), nullptr, 10);
    if (faults.empty()) rows.row({entry[0].text(), when(at), job.empty() ? "-" : job, "?"});
    for (std::size_t i = 0; i < faults.size(); ++i)
      rows.row({i == 0 ? entry[0].text() : std::string_view(), i == 0 ? when(at) : "",
                i > 0         ? ""
                : job.empty() ? "-"
                              : job,
                faults[i]});
  }
  rows.end("no refused documents");
  return kDone;
}

int retry(const Options& options) {
  const Common& common = options.common;
  if (options.id.find_first_not_of("0123456789-") != std::string::npos)
    return refuse(common, kUsage, "'" + options.id + "' is no entry; hongyan dead list shows them");
  auto session = Session::open(common);
  if (!session) return report_error(session.error(), common);
  auto found =
      (*session)->call(Command("XRANGE").arg(store::keys::kDead).arg(options.id).arg(options.id));
  if (!found) return report_error(found.error(), common);
  if (found->array().empty())
    return refuse(common, kFailed,
                  "there is no refused document " + options.id + "; hongyan dead list shows them");
  const std::string document = field((*found)[0], "job");
  if (document.size() >= kDeadBytes)
    return refuse(common, kFailed,
                  "the document was longer than 64 KiB and is not kept whole; submit it again from "
                  "where it came");
  auto entry = enqueue(**session, document);
  if (!entry) return report_error(entry.error(), common);
  auto gone = (*session)->call(Command("XDEL").arg(store::keys::kDead).arg(options.id));
  if (!gone) return report_error(gone.error(), common);
  auto verdict = wait_for_verdict(**session, *entry);
  if (!verdict) return report_error(verdict.error(), common);
  switch (verdict->kind) {
    case Verdict::Kind::kRefused: {
      std::string all;
      for (const std::string& fault : verdict->faults) all += (all.empty() ? "" : "; ") + fault;
      return refuse(common, kFailed, "refused again: " + all);
    }
    case Verdict::Kind::kNotYet:
      return refuse(common, kTryLater, "queued again; no engine has taken it within 5 s");
    case Verdict::Kind::kNoEngine:
    case Verdict::Kind::kAccepted:
      break;
  }
  const bool accepted = verdict->kind == Verdict::Kind::kAccepted;
  if (common.json) {
    print_json(Json::object({{"ok", Json::boolean(true)},
                             {"verdict", Json::string(accepted ? "accepted" : "queued")}}));
  } else {
    std::cout << (accepted ? "accepted\n" : "queued; no engine is running\n");
  }
  return kDone;
}

}  // namespace

void add_dead(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("dead", "Documents that were refused");
  command->require_subcommand(1);
  command->footer("Example:\n  hongyan dead list");
  const auto options = std::make_shared<Options>();

  CLI::App* listed = command->add_subcommand("list", "The newest first, each with all its faults");
  listed->add_option("-n", options->most, "at most so many")
      ->transform(at_least_one())
      ->default_str("50");
  add_common(*listed, options->common);
  listed->footer("Example:\n  hongyan dead list -n 10");
  listed->callback([options, &exit_code] { exit_code = list(*options); });

  CLI::App* again = command->add_subcommand("retry", "Put a document on the queue again");
  again->add_option("ID", options->id, "of the entry, as dead list shows it")->required();
  add_common(*again, options->common);
  again->footer(
      "Useful after the configuration was the fault: an unknown tenant or channel.\n"
      "Example:\n  hongyan dead retry 1763674552000-0");
  again->callback([options, &exit_code] { exit_code = retry(*options); });
}

}  // namespace hongyan::cli
