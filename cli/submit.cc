#include "base/text.h"
#include "base/time_text.h"
#include "cli/follow.h"
#include "cli/judge_campaign.h"
#include "cli/output.h"
#include "cli/preview_message.h"
#include "cli/published.h"
#include "cli/submit_list.h"
#include "cli/verdict.h"
#include "store/keys.h"

#include <algorithm>
#include <fstream>
#include <iostream>
#include <random>

namespace hongyan::cli {
namespace {

struct Options {
  Common common;
  std::string campaign;
  std::string recipients;
  std::string id;
  list::ListOptions list;
  std::string encoding;
  bool follow = false;
  bool dry_run = false;
};

// "spring-20261120-4f1c": the campaign's file, the day, and something nobody else has.
std::string make_id(const std::string& campaign) {
  std::string stem = campaign.substr(campaign.rfind('/') + 1);
  stem = stem.substr(0, stem.find('.')).substr(0, 40);
  for (char& c : stem)
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '-' && c != '_') c = '-';
  if (stem.empty()) stem = "job";
  const SystemClock clock;
  std::string day = format_rfc3339(clock.wall()).substr(0, 10);
  std::erase(day, '-');
  char tail[9];
  std::snprintf(tail, sizeof(tail), "%06x", std::random_device{}() & 0xFFFFFFu);
  return stem + "-" + day + "-" + tail;
}

bool is_job_id(const std::string& id) {
  return !id.empty() && id.size() <= 64 && std::ranges::all_of(id, [](unsigned char c) {
    return c < 0x80 && (std::isalnum(c) != 0 || c == '.' || c == '_' || c == '-');
  });
}

int dry_run(const Options& options, ListSource& source, const JudgedCampaign& campaign,
            bool published) {
  std::optional<list::Row> first;
  auto counts = source.read([&](const list::Row& row) -> Result<void> {
    if (!first && !row.refused()) first = row;
    return {};
  });
  if (!counts) return report_error(counts.error(), options.common);
  std::string why;
  PreviewMessage preview;
  if (first) {
    auto rendered = preview_message(campaign, *first, 0);
    if (rendered)
      preview = std::move(*rendered);
    else
      why = "row " + std::to_string(first->number) + ": " + rendered.error().detail;
  } else {
    why = "the list has no row that could be sent to";
  }
  if (options.common.json) {
    print_json(Json::object({{"ok", Json::boolean(why.empty())},
                             {"dry_run", Json::boolean(true)},
                             {"rows", json_number(static_cast<std::int64_t>(counts->rows))},
                             {"refused", json_number(static_cast<std::int64_t>(counts->refused))},
                             {"first_to", Json::string(preview.to)},
                             {"first_subject", Json::string(preview.subject)},
                             {"error", Json::string(why)}}));
    return why.empty() ? kDone : kFailed;
  }
  Facts facts;
  facts.add("rows", with_commas(static_cast<std::int64_t>(counts->rows)) + ", " +
                        with_commas(static_cast<std::int64_t>(counts->refused)) + " refused");
  for (const std::string& refusal : counts->first_refusals) facts.add("  refused", refusal);
  facts.add("first to", preview.to);
  facts.add("subject", preview.subject);
  if (!preview.wire.empty())
    facts.add("size", bytes_text(static_cast<std::int64_t>(preview.wire.size())));
  facts.add("fault", why);
  if (!published)
    facts.add("note", "no configuration is published: tenant and channel were not checked");
  facts.add("sent", "nothing (--dry-run)");
  facts.print(std::cout);
  return why.empty() ? kDone : kFailed;
}

int tell_verdict(Session& session, const Options& options, const ListCounts& counts,
                 const Verdict& verdict) {
  const Common& common = options.common;
  if (verdict.kind == Verdict::Kind::kRefused) {
    if (common.json) {
      Json list = Json::array();
      for (const auto& fault : verdict.faults) list.push(Json::string(fault));
      print_json(Json::object({{"ok", Json::boolean(false)},
                               {"job", Json::string(options.id)},
                               {"faults", std::move(list)}}));
    } else {
      for (const auto& fault : verdict.faults) std::cerr << escape_control(fault) << '\n';
      std::cerr << "job " << options.id << " is refused; nothing was sent\n";
    }
    return kFailed;
  }
  const bool accepted = verdict.kind == Verdict::Kind::kAccepted;
  const char* word = accepted ? "accepted"
                     : verdict.kind == Verdict::Kind::kNoEngine
                         ? "queued; no engine is running"
                         : "queued; the engines have not taken it yet (hongyan status)";
  if (common.json) {
    print_json(Json::object({{"ok", Json::boolean(true)},
                             {"job", Json::string(options.id)},
                             {"verdict", Json::string(accepted ? "accepted" : "queued")},
                             {"rows", json_number(static_cast<std::int64_t>(counts.rows))},
                             {"refused", json_number(static_cast<std::int64_t>(counts.refused))}}));
  } else {
    std::cout << "job " << options.id << " " << word << ": "
              << with_commas(static_cast<std::int64_t>(counts.rows))
              << (counts.rows == 1 ? " row" : " rows");
    if (counts.refused > 0)
      std::cout << ", " << with_commas(static_cast<std::int64_t>(counts.refused))
                << " of them refused (hongyan report " << options.id << " --invalid)";
    std::cout << "\nnext: hongyan show " << options.id << '\n' << std::flush;
  }
  if (verdict.kind == Verdict::Kind::kNotYet) return kTryLater;
  return options.follow && accepted ? follow(session, options.id, common) : kDone;
}

int submit(Options options) {
  const Common& common = options.common;
  if (!options.encoding.empty()) {
    options.list.encoding = parse_encoding(options.encoding);
    if (!options.list.encoding)
      return refuse(common, kUsage,
                    "--encoding: utf-8, utf-16le, utf-16be or gb18030, not " + options.encoding);
  }
  if (!is_job_id(options.id) && !options.id.empty())
    return refuse(common, kUsage,
                  "--id: '" + options.id + "' is no id: 1 to 64 of A-Z a-z 0-9 . _ -");
  auto campaign = job::load_campaign(options.campaign);
  if (!campaign) return print_faults(common, kFailed, campaign.error());
  if (options.id.empty()) {
    const Json* named = campaign->document.find("id");
    options.id = named != nullptr ? named->text() : make_id(options.campaign);
  }
  campaign->document.set("id", Json::string(options.id));
  campaign->document.set("recipients",
                         Json::object({{"key", Json::string(job::recipients_key(options.id))}}));
  std::ifstream file;
  if (options.recipients != "-") {
    file.open(options.recipients, std::ios::binary);
    if (!file)
      return refuse(common, kFailed, options.recipients + ": cannot be opened for reading");
  }
  ListSource source(options.recipients == "-" ? std::cin : file, options.list);

  auto session = Session::open(common);
  if (!session && !options.dry_run) return report_error(session.error(), common);
  std::optional<config::Fleet> fleet;
  if (session) {
    auto published = published_fleet(**session);
    if (!published) return report_error(published.error(), common);
    fleet = std::move(*published);
  }
  const auto checked = judge_campaign(*campaign, fleet);
  if (!checked) return print_faults(common, kFailed, checked.error());
  if (auto begun = source.begin(); !begun)
    return refuse(common, kFailed, begun.error().detail + "; nothing was sent");
  if (options.dry_run) return dry_run(options, source, *checked, fleet.has_value());

  // The job first: planning starts with the first block. A document an engine refuses (the id is in
  // use by other content) costs no list.
  auto entry = enqueue(**session, campaign->json());
  if (!entry) return report_error(entry.error(), common);
  auto verdict = wait_for_verdict(**session, *entry, ExpectedJob{options.id, checked->job.digest});
  if (!verdict) return report_error(verdict.error(), common);
  if (verdict->kind == Verdict::Kind::kRefused)
    return tell_verdict(**session, options, {}, *verdict);
  auto known = (*session)->load_job(options.id);
  if (!known) return report_error(known.error(), common);
  ListCounts counts;
  if (known->number("list_complete") == 1) {
    if (!common.json)
      std::cout << "job " << options.id << " has its whole list already; nothing is pushed\n";
    counts.rows = static_cast<std::uint64_t>(known->number("total"));
    counts.refused = static_cast<std::uint64_t>(known->number("invalid"));
  } else {
    BlockPusher pusher(**session, options.id);
    auto read = source.read([&](const list::Row& row) { return pusher.add(row); });
    if (!read) return report_error(read.error(), common);
    if (auto done = pusher.finish(); !done) return report_error(done.error(), common);
    counts = std::move(*read);
  }
  return tell_verdict(**session, options, counts, *verdict);
}

}  // namespace

void add_submit(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("submit", "Queue a campaign with its recipients");
  const auto options = std::make_shared<Options>();
  command->add_option("CAMPAIGN", options->campaign, "campaign file (TOML)")->required();
  command->add_option("--recipients", options->recipients, "CSV or NDJSON file, - for stdin")
      ->required();
  command->add_option("--id", options->id, "the job's id; run again with it after an interruption");
  command->add_option("--to-column", options->list.to_column, "the column with the addresses");
  command->add_option("--encoding", options->encoding, "of the list, when it is guessed wrong");
  command->add_flag("--follow", options->follow, "show the progress until the job ends");
  command->add_flag("--dry-run", options->dry_run, "check everything, send nothing");
  add_common(*command, options->common);
  command->footer(
      "Submitting the same id and content twice sends once.\n"
      "Example:\n  hongyan submit spring.toml --recipients list.csv --id spring-1 --follow");
  command->callback([options, &exit_code] { exit_code = submit(*options); });
}

}  // namespace hongyan::cli
