#include "base/time_text.h"
#include "cli/check_campaign.h"
#include "cli/check_network.h"
#include "cli/check_show.h"
#include "cli/check_suppression.h"
#include "cli/config_faults.h"
#include "cli/output.h"
#include "cli/published.h"
#include "engine/check/forecast.h"
#include "scheduler/rate.h"

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
  NetworkOptions network;
  std::vector<std::string> seen_as;
};

// The configuration that will hold: a file's, or what is published in Redis.
struct Surroundings {
  std::optional<config::Fleet> fleet;
  std::optional<config::Local> local;  // of a file only
  std::unique_ptr<Session> session;    // none: not wanted, or no_session says why
  std::string no_session;
};

void open_session(const Options& options, Surroundings& around) {
  if (!options.config.empty() && (options.network.offline || options.recipients.empty())) return;
  auto session = Session::open(options.common);
  if (session)
    around.session = *std::move(session);
  else
    around.no_session = session.error().detail;
}

void find_published(Surroundings& around, check::Findings& findings) {
  constexpr std::string_view kLeft =
      "tenant, channel, sources and limits: no --config was given, and ";
  if (around.session == nullptr)
    return findings.add("not-checked", std::string(kLeft) + around.no_session);
  auto fleet = published_fleet(*around.session);
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

// Who paces a receiver's lane: the provider's limits, or the relay's where all sources are relays.
check::Pace pace_of(const job::Job& job, const config::Channel& channel,
                    const config::Fleet& fleet) {
  check::Pace pace;
  std::size_t direct = 0;
  scheduler::LaneLimits relay;
  for (const std::string& name : channel.sources)
    if (const auto at = fleet.sources.find(name); at != fleet.sources.end()) {
      if (!at->second.relay)
        ++direct;
      else
        relay.rates = at->second.relay->rates;
    }
  pace.sources = direct > 0 ? direct : channel.sources.size();
  pace.limits = [&fleet, relay, direct](const check::Receiver& receiver) {
    if (direct == 0) return relay;
    const auto at = fleet.providers.find(receiver.provider);
    return at == fleet.providers.end() ? fleet.other.limits : at->second.limits;
  };
  pace.channel = channel.rates;
  pace.window = job.window;
  pace.begin = std::max(SystemClock().wall(), job.send_at.value_or(WallTime{}));
  return pace;
}

void check_forecast(const job::Job& job, const std::vector<check::Receiver>& receivers,
                    const config::Channel& channel, const config::Fleet& fleet,
                    CheckReport& report) {
  const check::Pace pace = pace_of(job, channel, fleet);
  const check::Forecast forecast = check::make_forecast(receivers, pace);
  const auto seconds = [](Millis time) { return time.count() / 1000; };
  const check::LaneForecast& slowest = forecast.slowest;
  const std::string binds =
      slowest.rate.empty() ? "no limit binds"
      : slowest.receiver.empty()
          ? "the channel's " + slowest.rate + " binds"
          : fmt::format("{} binds: {} recipients at {} from {} source{}", slowest.receiver,
                        with_commas(static_cast<std::int64_t>(slowest.recipients)), slowest.rate,
                        pace.sources, pace.sources == 1 ? "" : "s");
  const std::string finish = format_rfc3339(forecast.finish).substr(0, 16);
  if (forecast.ends)
    report.findings.add("forecast", fmt::format("done at the earliest {}Z, after {} of sending; {}",
                                                finish, span(seconds(forecast.takes)), binds));
  else
    report.findings.add("forecast-endless", "not within a year; " + binds);
  if (job.expires_after && pace.begin + *job.expires_after < forecast.finish)
    report.findings.add(
        "forecast-expires",
        fmt::format("it expires {} before it could be done",
                    span(seconds(forecast.finish - pace.begin - *job.expires_after))));
  Json lanes = Json::array();
  for (const check::LaneForecast& lane : forecast.lanes) {
    if (lanes.items().size() == 20) break;
    lanes.push(
        Json::object({{"receiver", Json::string(lane.receiver)},
                      {"recipients", json_number(static_cast<std::int64_t>(lane.recipients))},
                      {"seconds", json_number(seconds(lane.takes))},
                      {"rate", Json::string(lane.rate)}}));
  }
  report.sections.set(
      "forecast",
      Json::object({{"seconds", json_number(seconds(forecast.takes))},
                    {"finish_ms", json_number(to_unix_ms(forecast.finish))},
                    {"ends", Json::boolean(forecast.ends)},
                    {"binds", Json::string(slowest.receiver.empty() && !slowest.rate.empty()
                                               ? "channel"
                                               : slowest.receiver)},
                    {"rate", Json::string(slowest.rate)},
                    {"receivers", std::move(lanes)}}));
}

Json list_json(const CheckedList& list) {
  const auto number = [](std::uint64_t n) { return json_number(static_cast<std::int64_t>(n)); };
  return Json::object({{"rows", number(list.view.rows())},
                       {"valid", number(list.view.valid())},
                       {"refused", number(list.view.refused())},
                       {"duplicates", number(list.view.duplicates())},
                       {"roles", number(list.view.roles() + list.view.desks())},
                       {"chinese", number(list.view.chinese())},
                       {"rendered", number(list.samples.front().rows)}});
}

// `receivers` know better than the names of domains; there are none without DNS.
check::Market market_of(const Options& options, const CheckedCampaign& campaign,
                        const CheckedList& list, const std::vector<check::Receiver>& receivers) {
  check::Market market{list.view.valid(), list.view.chinese(), options.market == "cn"};
  std::uint64_t chinese = 0;
  for (const check::Receiver& receiver : receivers) chinese += receiver.chinese;
  market.chinese = std::max(market.chinese, chinese);
  if (!list.given) market.named = market.named || check::has_han(campaign.job.subject);
  return market;
}

// What is said of every variant alike is told once.
void merge(const job::Job& job, const std::vector<check::Findings>& variants,
           check::Findings& findings) {
  for (std::size_t i = 0; i < variants.size(); ++i)
    for (const check::Finding& one : variants[i].all()) {
      const bool of_all = std::ranges::all_of(variants, [&](const check::Findings& other) {
        return std::ranges::any_of(other.all(), [&](const check::Finding& same) {
          return same.rule == one.rule && same.what == one.what;
        });
      });
      if (!of_all)
        findings.add(one.rule->id, "variant " + job.variants[i].name + ": " + one.what);
      else if (i == 0)
        findings.add(one.rule->id, one.what);
    }
}

void check_texts(const Options& options, const CheckedCampaign& campaign, CheckedList& list,
                 const std::vector<check::Receiver>& receivers, check::Findings& findings) {
  const auto kind =
      options.kind == "transactional" ? check::Kind::kTransactional : check::Kind::kCommercial;
  const check::Market market = market_of(options, campaign, list, receivers);
  const std::vector<job::Job> jobs = jobs_of(campaign.job);
  std::vector<check::Findings> variants(jobs.size());
  list.samples.resize(jobs.size());
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    const job::Job& job = jobs[i];
    check::Samples& samples = list.samples[i];
    if (!list.given && i < campaign.compiled.size())
      samples.largest = campaign.compiled[i]->max_static_size();
    if (samples.subjects.empty()) samples.subjects.push_back(bare_subject(job));
    check::check_subjects(samples.subjects, kind, market, variants[i]);
    check::check_message(job, kind, campaign.offer, samples, variants[i]);
    if (job.html) check::check_html(*job.html, variants[i]);
    if (list.given)
      check::check_variables(job, campaign.offer, list.columns, list.columns_known, samples,
                             variants[i]);
  }
  merge(campaign.job, variants, findings);
}

std::vector<check::Receiver> check_outside(const Options& options, const CheckedCampaign& campaign,
                                           const CheckedList& list, const config::Channel* channel,
                                           const Surroundings& around, CheckReport& report) {
  if (options.network.offline) {
    report.findings.add("not-asked", "sources, return path, DMARC and receivers (--offline)");
    return {};
  }
  if (channel == nullptr) return {};  // said already: no configuration, or no such channel
  const config::Local* local = around.local ? &*around.local : nullptr;
  auto receivers =
      check_network(options.network, campaign, list, *channel, *around.fleet, local, report);
  if (!receivers.empty()) check_forecast(campaign.job, receivers, *channel, *around.fleet, report);
  return receivers;
}

int check_campaign(Options options) {
  const Common& common = options.common;
  if (!options.encoding.empty()) {
    options.list.encoding = parse_encoding(options.encoding);
    if (!options.list.encoding)
      return refuse(common, kUsage,
                    "--encoding: utf-8, utf-16le, utf-16be or gb18030, not " + options.encoding);
  }
  for (const std::string& text : options.seen_as)
    if (const auto why = add_seen_as(text, options.network)) return refuse(common, kUsage, *why);
  CheckReport report;
  Surroundings around;
  open_session(options, around);
  if (options.config.empty()) {
    find_published(around, report.findings);
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
      if (around.session != nullptr)
        check_suppression(*around.session, campaign->job.tenant, list.addresses, report);
      else if (!around.no_session.empty())
        report.findings.add("not-checked",
                            "how much of the list is suppressed: " + around.no_session);
    }
    const auto receivers = check_outside(options, *campaign, list, channel, around, report);
    check_texts(options, *campaign, list, receivers, report.findings);
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
  command->add_option("--dns", options->network.servers,
                      "name server, IP or IP:PORT; otherwise the configuration's");
  command->add_option("--seen-as", options->seen_as,
                      "SOURCE=ADDRESS: what receivers see of a source behind NAT");
  command->add_flag("--offline", options->network.offline,
                    "ask no DNS and, with --config, no Redis");
  command->add_flag("--probe", options->network.probe,
                    "try STARTTLS at the return path's host; nothing else connects anywhere");
  add_common(*command, options->common);
  command->footer(
      "Exit: 0 no error (warnings and notes may be), 1 errors.\n"
      "Example:\n  hongyan check spring.toml --recipients list.csv --config hongyan.toml");
  command->callback([options, &exit_code] { exit_code = check_campaign(*options); });
}

}  // namespace hongyan::cli
