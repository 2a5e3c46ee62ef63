#include "base/address.h"
#include "base/text.h"
#include "cli/engines.h"
#include "cli/find_address.h"
#include "cli/lanes.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/published.h"
#include "cli/report_row.h"
#include "cli/unowned.h"
#include "engine/core/job_book.h"
#include "store/hold.h"
#include "store/keys.h"
#include "store/suppression.h"

#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <set>

namespace hongyan::cli {
namespace {

constexpr std::int64_t kCanary = 50;
constexpr std::size_t kLanesTold = 5;

struct Options {
  Common common;
  std::string what;
};

// Sentences, the most important first.
using Reasons = std::vector<std::string>;

std::string lane_line(const LaneRow& lane, std::int64_t now) {
  return fmt::format("{} through {}: {} waiting, {} in flight, {:.1f}/s; {}", lane.provider,
                     lane.source, lane.waiting, lane.in_flight, lane.per_second,
                     lane_sentence(lane, now));
}

Result<void> add_engines(Session& session, const std::string& channel, const config::Fleet* fleet,
                         Reasons& reasons) {
  auto hold = session.run(store::load_hold(session.jobs()));
  if (!hold && !is_denied(hold.error())) return std::unexpected(hold.error());
  if (hold && *hold)
    reasons.push_back("sending is " + (*hold)->sentence() + " (hongyan hold --release ends it)");
  auto engines = load_engines(session);
  if (!engines) return std::unexpected(engines.error());
  const bool any = std::ranges::any_of(*engines, [](const Engine& e) { return e.live && e.ready; });
  if (!any) {
    reasons.push_back(engines->empty() ? "no engine is running"
                                       : "no engine is ready: hongyan status says why");
    return {};
  }
  if (fleet == nullptr || !fleet->channels.contains(channel)) return {};
  const auto unowned = unowned_sources(*fleet, *engines);
  const auto& sources = fleet->channels.at(channel).sources;
  if (std::ranges::all_of(sources, [&](const auto& name) { return unowned.contains(name); }))
    for (const std::string& name : sources) reasons.push_back(unowned.at(name));
  return {};
}

// Its sending hours, when they are what it waits for.
Result<void> add_window(Session& session, const std::string& id, std::int64_t now,
                        const config::Fleet& fleet, Reasons& reasons) {
  auto document = session.call(redis::Command("GET").arg(store::keys::of_job(id, "doc")));
  if (!document) return std::unexpected(document.error());
  const auto job = job::parse_job(document->text(), engine::intake_policy(fleet));
  if (!job || !job->window || job::is_open(*job->window, from_unix_ms(now))) return {};
  reasons.push_back("it is outside its sending hours (" + job->window->tz +
                    "), which begin again at " +
                    when(to_unix_ms(job::next_opening(*job->window, from_unix_ms(now)))));
  return {};
}

void add_running(const store::JobView& job, const config::Fleet* fleet,
                 const std::vector<LaneRow>& lanes, std::int64_t now, Reasons& reasons) {
  const std::int64_t out =
      job.number("in_flight") + job.number("in_doubt") + job.number("deferred");
  if (job.number("breaker_n") < kCanary && out >= kCanary &&
      job.number("queued") + job.number("claimed") > 0)
    reasons.push_back(fmt::format(
        "only {} answers have come that say whether addresses are good, and {} messages are out: "
        "until {} are known no more than that may be ({} of them are deferred)",
        job.number("breaker_n"), out, kCanary, job.number("deferred")));
  std::int64_t due = 0;
  std::int64_t next = 0;
  for (const auto& group : job.groups) {
    due += group.due;
    if (group.next_due_ms > now && (next == 0 || group.next_due_ms < next))
      next = group.next_due_ms;
  }
  if (due == 0 && job.number("claimed") == 0 && job.number("in_flight") == 0 && next > 0)
    reasons.push_back(fmt::format("nobody is due before {}: {} deferred, {} in doubt", when(next),
                                  with_commas(job.number("deferred")),
                                  with_commas(job.number("in_doubt"))));
  std::vector<std::string> sources;
  if (fleet != nullptr)
    if (const auto at = fleet->channels.find(job.text("channel")); at != fleet->channels.end())
      sources = at->second.sources;
  std::size_t told = 0;
  for (const LaneRow& lane : lanes) {
    const bool ours = sources.empty() || std::ranges::find(sources, lane.source) != sources.end();
    const bool silent = lane.held_by == "idle" && lane.mode == "normal";
    if (!ours || silent || ++told > kLanesTold) continue;
    reasons.push_back(lane_line(lane, now));
  }
  if (told > kLanesTold)
    reasons.push_back(fmt::format("and {} more lanes: hongyan top", told - kLanesTold));
  if (reasons.empty()) reasons.emplace_back("nothing holds it");
}

Result<Reasons> why_job(Session& session, const std::string& id, std::int64_t now) {
  auto job = session.run(session.jobs().view(id));
  if (!job) return std::unexpected(job.error());
  auto fleet = published_fleet(session);
  if (!fleet) return std::unexpected(fleet.error());
  const std::string state = job->text("state");
  const std::string reason = job->text("reason");
  Reasons reasons;
  if (state == "done" || state == "cancelled") {
    reasons.push_back("it has ended: " + state + (reason.empty() ? "" : " (" + reason + ")"));
    return reasons;
  }
  if (auto done = add_engines(session, job->text("channel"), *fleet ? &**fleet : nullptr, reasons);
      !done)
    return std::unexpected(done.error());
  if (state == "scheduled") {
    reasons.push_back("it begins at " + when(job->number("send_at")));
  } else if (state == "planning") {
    reasons.push_back(fmt::format("its list is being read, {} lines so far{}",
                                  with_commas(job->number("total")),
                                  job->number("list_complete") == 1 ? "" : "; more must come"));
  } else if (state == "paused" || state == "tripped" || state == "unfunded") {
    reasons.push_back("it is " + state + (reason.empty() ? "" : ": " + reason));
    if (const std::string next = next_step(id, *job); !next.empty())
      reasons.push_back("to go on: " + next);
  } else if (state == "running") {
    if (*fleet)
      if (auto done = add_window(session, id, now, **fleet, reasons); !done)
        return std::unexpected(done.error());
    auto lanes = load_lanes(session);
    if (!lanes) return std::unexpected(lanes.error());
    add_running(*job, *fleet ? &**fleet : nullptr, *lanes, now, reasons);
  }
  return reasons;
}

// Whether mail to it would be suppressed now: of every tenant whose jobs have it, or of everybody.
Result<void> add_suppressions(Session& session, const std::string& address,
                              const std::vector<FoundRecipient>& found, Reasons& reasons) {
  const auto parsed = parse_address(address);
  if (!parsed) return {};
  std::set<std::string> tenants{""};
  for (const FoundRecipient& one : found) tenants.insert(one.view.text("tenant"));
  store::SuppressionStore store(session.jobs());
  std::set<std::string> told;
  for (const std::string& tenant : tenants) {
    auto entries = session.run(store.find(tenant, {parsed->normalised()}));
    if (!entries && is_denied(entries.error())) return {};  // a reader; the rest is worth telling
    if (!entries) return std::unexpected(entries.error());
    if (!entries->front() || !told.insert(entries->front()->sentence()).second) continue;
    reasons.push_back("it is suppressed" + (tenant.empty() ? "" : " for " + tenant) + ": " +
                      entries->front()->sentence());
  }
  return {};
}

Result<Reasons> why_address(Session& session, const std::string& address, std::int64_t now) {
  auto found = find_address(session, address);
  if (!found) return std::unexpected(found.error());
  Reasons reasons;
  if (auto told = add_suppressions(session, address, *found, reasons); !told)
    return std::unexpected(told.error());
  if (found->empty()) reasons.push_back("it is in no job that is kept");
  for (const FoundRecipient& one : *found) {
    std::string text = one.job + ": " + std::string(state_name(one.state));
    if (!one.refusal.empty()) text += ", its row was refused: " + one.refusal;
    if (one.due_ms > 0) text += ", due " + when(one.due_ms);
    if (!one.replies.empty())
      text += fmt::format(", last answer (attempt {}): {}", one.replies.back().attempts,
                          one.replies.back().text);
    reasons.push_back(text);
    if (one.state != 'q' && one.state != 'w' && one.state != 'c') continue;
    auto job = why_job(session, one.job, now);
    if (!job) return std::unexpected(job.error());
    for (std::string& reason : *job) reasons.push_back("its job: " + std::move(reason));
  }
  return reasons;
}

int why(const Options& options) {
  auto session = Session::open(options.common);
  if (!session) return report_error(session.error(), options.common);
  const auto now = (*session)->now_ms();
  if (!now) return report_error(now.error(), options.common);
  Result<Reasons> reasons = Reasons{};
  std::string kind = "address";
  if (options.what.contains('@')) {
    reasons = why_address(**session, options.what, *now);
  } else {
    auto job = (*session)->load_job(options.what);
    if (!job) return report_error(job.error(), options.common);
    kind = job->exists() ? "job" : "provider";
    if (job->exists()) {
      reasons = why_job(**session, options.what, *now);
    } else {
      auto lanes = load_lanes(**session);
      if (!lanes) return report_error(lanes.error(), options.common);
      for (const LaneRow& lane : *lanes)
        if (lane.provider == options.what) reasons->push_back(lane_line(lane, *now));
      if (reasons->empty())
        return refuse(options.common, kFailed,
                      "'" + options.what + "' is no job, and no lane leads to a provider of that " +
                          "name (hongyan list, hongyan top)");
    }
  }
  if (!reasons) return report_error(reasons.error(), options.common);
  if (options.common.json) {
    Json list = Json::array();
    for (const std::string& reason : *reasons) list.push(Json::string(reason));
    print_json(Json::object({{kind, Json::string(options.what)}, {"reasons", std::move(list)}}));
    return kDone;
  }
  for (const std::string& reason : *reasons) std::cout << escape_control(reason) << ".\n";
  return kDone;
}

}  // namespace

void add_why(CLI::App& app, int& exit_code) {
  CLI::App* command =
      app.add_subcommand("why", "What holds a job, a provider or an address now, in sentences");
  const auto options = std::make_shared<Options>();
  command->add_option("WHAT", options->what, "a job's id, a provider's name or an address")
      ->required();
  add_common(*command, options->common);
  command->footer("Example:\n  hongyan why spring-1\n  hongyan why netease");
  command->callback([options, &exit_code] { exit_code = why(*options); });
}

}  // namespace hongyan::cli
