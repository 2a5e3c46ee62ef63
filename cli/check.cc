#include "cli/check_campaign.h"
#include "cli/check_show.h"
#include "cli/config_faults.h"
#include "cli/output.h"
#include "cli/published.h"

#include <fmt/format.h>

#include <iostream>

namespace hongyan::cli {
namespace {

// CONTRACT 3: what a message costs where no channel says otherwise.
constexpr MicroYuan kPrice{7000};

struct Options {
  Common common;
  std::string campaign;
  std::string recipients;
  list::ListOptions list;
  std::string encoding;
  std::string config;
  std::string kind = "commercial";
  std::string market;
};

// The configuration that will hold: a file's, or what is published in Redis.
struct Surroundings {
  std::optional<config::Fleet> fleet;
  std::optional<config::Local> local;  // of a file only
};

void look_into_redis(const Options& options, Surroundings& around, check::Findings& findings) {
  constexpr std::string_view kLeft =
      "tenant, channel, sources and limits: no --config was given, and ";
  auto session = Session::open(options.common);
  if (!session) return findings.add("not-checked", std::string(kLeft) + session.error().detail);
  auto fleet = published_fleet(**session);
  if (!fleet) return findings.add("not-checked", std::string(kLeft) + fleet.error().detail);
  if (!*fleet)
    return findings.add("not-checked", std::string(kLeft) + "no configuration is published");
  around.fleet = std::move(*fleet);
}

void check_cost(const CheckedCampaign& campaign, const CheckedList& list,
                const config::Channel* channel, CheckReport& report) {
  const MicroYuan price = channel == nullptr ? kPrice : channel->price;
  const auto people = static_cast<std::int64_t>(list.view.valid());
  const MicroYuan cost = price * people;
  report.findings.add("cost", fmt::format("at most {} for {} recipients at {} each", yuan(cost),
                                          with_commas(people), yuan(price)));
  if (campaign.job.max_spend && *campaign.job.max_spend < cost)
    report.findings.add("max-spend-short", fmt::format("max_spend is {}, the list costs up to {}",
                                                       yuan(*campaign.job.max_spend), yuan(cost)));
  report.sections.set("cost", Json::object({{"recipients", json_number(people)},
                                            {"price_micro_yuan", json_number(price.value)},
                                            {"micro_yuan", json_number(cost.value)}}));
}

Json list_json(const CheckedList& list) {
  const auto number = [](std::uint64_t n) { return json_number(static_cast<std::int64_t>(n)); };
  return Json::object({{"rows", number(list.view.rows())},
                       {"valid", number(list.view.valid())},
                       {"refused", number(list.view.refused())},
                       {"duplicates", number(list.view.duplicates())},
                       {"roles", number(list.view.roles() + list.view.desks())},
                       {"chinese", number(list.view.chinese())},
                       {"rendered", number(list.samples.rows)}});
}

void check_texts(const Options& options, const CheckedCampaign& campaign, CheckedList& list,
                 check::Findings& findings) {
  const auto kind =
      options.kind == "transactional" ? check::Kind::kTransactional : check::Kind::kCommercial;
  const job::Job& job = campaign.job;
  if (!list.given && campaign.compiled != nullptr)
    list.samples.largest = campaign.compiled->max_static_size();
  if (list.samples.subjects.empty()) list.samples.subjects.push_back(subject_for(job, {}));
  check::Market market{list.view.valid(), list.view.chinese(), options.market == "cn"};
  if (!list.given) market.named = market.named || check::has_han(job.subject);
  check::check_subjects(list.samples.subjects, kind, market, findings);
  check::check_message(job, kind, list.samples, findings);
  if (job.html) check::check_html(*job.html, findings);
  if (list.given)
    check::check_variables(job, list.columns, list.columns_known, list.samples, findings);
}

int check_campaign(Options options) {
  const Common& common = options.common;
  if (!options.encoding.empty()) {
    options.list.encoding = parse_encoding(options.encoding);
    if (!options.list.encoding)
      return refuse(common, kUsage,
                    "--encoding: utf-8, utf-16le, utf-16be or gb18030, not " + options.encoding);
  }
  CheckReport report;
  Surroundings around;
  if (options.config.empty()) {
    look_into_redis(options, around, report.findings);
  } else {
    auto config = config::load_config(options.config);
    if (!config) return report_faults(config.error(), common.json);
    around.fleet = std::move(config->fleet);
    around.local = std::move(config->local);
  }
  const config::Fleet* fleet = around.fleet ? &*around.fleet : nullptr;
  const auto campaign = load_checked(options.campaign, fleet, report.findings);
  if (campaign) {
    const config::Channel* channel = nullptr;
    if (fleet != nullptr)
      if (const auto at = fleet->channels.find(campaign->job.channel); at != fleet->channels.end())
        channel = &at->second;
    CheckedList list;
    if (!options.recipients.empty()) {
      read_checked_list(options.recipients, options.list, *campaign, list, report.findings);
      if (!report.findings.has("list-unreadable")) check::check_list(list.view, report.findings);
      report.sections.set("list", list_json(list));
      check_cost(*campaign, list, channel, report);
    }
    check_texts(options, *campaign, list, report.findings);
  }
  if (common.json)
    print_json(check_json(report));
  else
    print_check(report);
  return report.findings.count(check::Level::kError) == 0 ? kDone : kFailed;
}

}  // namespace

void add_check(CLI::App& app, int& exit_code) {
  CLI::App* command =
      app.add_subcommand("check", "What would go wrong with a campaign, before it is sent");
  const auto options = std::make_shared<Options>();
  command->add_option("CAMPAIGN", options->campaign, "campaign file (TOML)")->required();
  command->add_option("--recipients", options->recipients, "CSV or NDJSON file, - for stdin");
  command->add_option("--to-column", options->list.to_column, "the column with the addresses");
  command->add_option("--encoding", options->encoding, "of the list, when it is guessed wrong");
  command->add_option("--config", options->config,
                      "configuration of an engine; otherwise what is published in Redis");
  command->add_option("--kind", options->kind, "commercial (default) or transactional")
      ->check(CLI::IsMember({"commercial", "transactional"}));
  command->add_option("--market", options->market, "cn: the mail goes to China, whatever the list")
      ->check(CLI::IsMember({"cn"}));
  add_common(*command, options->common);
  command->footer(
      "Exit: 0 no error (warnings and notes may be), 1 errors.\n"
      "Example:\n  hongyan check spring.toml --recipients list.csv --config hongyan.toml");
  command->callback([options, &exit_code] { exit_code = check_campaign(*options); });
}

}  // namespace hongyan::cli
