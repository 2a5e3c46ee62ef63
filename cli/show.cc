#include "cli/output.h"
#include "cli/progress.h"
#include "cli/session.h"
#include "cli/variants.h"
#include "store/keys.h"

#include <fmt/format.h>

#include <iostream>

namespace hongyan::cli {
namespace {

constexpr std::string_view kTexts[] = {"state",   "reason", "tenant", "channel",
                                       "subject", "actor",  "digest", "variants"};

// What docs/queue.md calls private may change with any version: programs must not come to like it.
constexpr std::string_view kPrivate[] = {
    "chunks",          "groups",         "fingerprints", "fingerprint_key",
    "buckets_dropped", "canary_ready",   "sweep_at",     "list_touched_at",
    "list_accepted",   "lend_number",    "charge_seq",   "events_emitted",
    "hold_doubt",      "doubt_delay_ms", "inline",       "outcome_events"};

Json json_of(const std::string& id, const store::JobView& job,
             const std::vector<VariantCounts>& variants) {
  std::vector<Json::Member> members{{"id", Json::string(id)}};
  for (const auto& [name, value] : job.fields) {
    if (name.starts_with("plan") || std::ranges::find(kPrivate, name) != std::end(kPrivate))
      continue;
    const bool text =
        std::ranges::find(kTexts, name) != std::end(kTexts) || value.empty() ||
        value.find_first_not_of("0123456789", value[0] == '-' ? 1 : 0) != std::string::npos;
    members.emplace_back(name, text ? Json::string(value) : Json::number(value));
  }
  Json object = Json::object(std::move(members));
  if (variants.empty()) return object;
  Json list = Json::array();
  for (const VariantCounts& one : variants)
    list.push(Json::object({{"name", Json::string(one.name)},
                            {"recipients", json_number(one.recipients)},
                            {"delivered", json_number(one.delivered)},
                            {"bounced", json_number(one.bounced)},
                            {"waiting", json_number(one.waiting)}}));
  object.set("variants", std::move(list));
  return object;
}

void print(const std::string& id, const store::JobView& job,
           const std::vector<VariantCounts>& variants, std::int64_t now) {
  const Progress p = Progress::of(job);
  Facts facts;
  facts.add("job", id);
  facts.add("state", p.reason.empty() ? p.state : p.state + ": " + p.reason);
  facts.add("tenant", job.text("tenant") + ", channel " + job.text("channel"));
  facts.add("subject", job.text("subject"));
  facts.add("created", when(job.number("created_at")));
  if (job.number("send_at") > 0) facts.add("send at", when(job.number("send_at")));
  if (job.number("expires_at") > 0) facts.add("expires", when(job.number("expires_at")));
  if (job.number("ended_at") > 0)
    facts.add("ended", when(job.number("ended_at")));
  else if (job.number("created_at") > 0)
    facts.add("age", span((now - job.number("created_at")) / 1000));
  facts.add("list", with_commas(p.total) + (p.total == 1 ? " line read, " : " lines read, ") +
                        (p.list_complete ? "complete" : "more to come"));
  const auto counts = [&](const auto& names) {
    std::string text;
    for (const std::string_view name : names) {
      const std::int64_t n = job.number(name);
      if (n == 0) continue;
      std::string label(name);
      std::ranges::replace(label, '_', ' ');
      text += (text.empty() ? "" : "  ") + with_commas(n) + " " + label;
    }
    return text.empty() ? std::string("none") : text;
  };
  facts.add("waiting", counts(kWaitingStates));
  facts.add("final", counts(kFinalStates));
  for (const VariantCounts& one : variants)
    facts.add("variant " + one.name, with_commas(one.recipients) + " recipients, " +
                                         with_commas(one.delivered) + " delivered, " +
                                         with_commas(one.bounced) + " bounced, " +
                                         with_commas(one.waiting) + " waiting");
  facts.add("attempts", with_commas(job.number("attempts")));
  facts.add("invalid",
            p.breaker_n == 0
                ? std::string("no evidence yet")
                : fmt::format("{} of {} judged addresses ({}); the breaker stops at 3 %",
                              p.breaker_bad, p.breaker_n, percent(p.breaker_bad, p.breaker_n)));
  if (job.number("sent_after_trip") > 0)
    facts.add("sent after trip", with_commas(job.number("sent_after_trip")));
  if (job.number("late_bounced") > 0)
    facts.add("late bounces", with_commas(job.number("late_bounced")));
  if (job.number("complaints") > 0) facts.add("complaints", with_commas(job.number("complaints")));
  if (job.number("unsubscribed") > 0)
    facts.add("unsubscribed", with_commas(job.number("unsubscribed")));
  if (job.number("opened") > 0)
    facts.add("opened", with_commas(job.number("opened")) + ", " +
                            with_commas(job.number("clicked")) + " clicked (" +
                            with_commas(job.number("clicks")) + " links)");
  std::string cost = yuan(p.charged) + " at " + yuan(MicroYuan{job.number("price_micro_yuan")});
  if (job.number("max_spend_micro_yuan") > 0)
    cost += " each, at most " + yuan(MicroYuan{job.number("max_spend_micro_yuan")});
  facts.add("cost", cost + (job.number("prepaid") == 1 ? ", prepaid" : ""));
  facts.add("next", next_step(id, job));
  facts.print(std::cout);
}

int show(const std::string& id, const Common& common) {
  auto session = Session::open(common);
  if (!session) return report_error(session.error(), common);
  auto job = (*session)->load_job(id);
  if (!job) return report_error(job.error(), common);
  if (!job->exists()) return refuse(common, kFailed, (*session)->unknown_job(id));
  if (job->number("tombstone") == 1)
    return refuse(common, kFailed,
                  "job " + id + " ended and its data has been removed (retention)");
  const auto variants = count_variants(**session, id, *job);
  if (!variants) return report_error(variants.error(), common);
  if (common.json) {
    print_json(json_of(id, *job, *variants));
    return kDone;
  }
  const auto now = (*session)->now_ms();
  if (!now) return report_error(now.error(), common);
  print(id, *job, *variants, *now);
  return kDone;
}

}  // namespace

void add_show(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("show", "One job: state, counts, cost, what to do next");
  const auto id = std::make_shared<std::string>();
  const auto common = std::make_shared<Common>();
  command->add_option("JOB", *id, "the job's id")->required();
  add_common(*command, *common);
  command->footer("Example:\n  hongyan show spring-1");
  command->callback([id, common, &exit_code] { exit_code = show(*id, *common); });
}

}  // namespace hongyan::cli
