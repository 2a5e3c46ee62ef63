#include "plan/plan.h"

#include "base/duration.h"
#include "embedded/plan_schema.h"
#include "engine/job/canonical.h"
#include "engine/job/schema.h"

#include <charconv>
#include <stdexcept>

namespace hongyan::plan {
namespace {

// What a plan says for all its steps; the names are those of a job.
constexpr std::string_view kShared[] = {"tenant",   "channel",           "from",
                                        "reply_to", "headers",           "list_unsubscribe",
                                        "tracking", "unknown_variables", "priority"};

const job::Schema& plan_schema() {
  static const job::Schema schema = [] {
    auto loaded = job::Schema::load(embedded::docs_plan_schema_json);
    if (!loaded) throw std::logic_error("docs/plan.schema.json: " + loaded.error()[0].sentence());
    return std::move(*loaded);
  }();
  return schema;
}

std::int64_t number_at(const Json& json, std::string_view name) {
  std::int64_t number = 0;
  if (const Json* value = json.find(name))
    std::from_chars(value->text().data(), value->text().data() + value->text().size(), number);
  return number;
}

bool of_step(std::string_view path) {
  for (const std::string_view name : {"subject", "text", "html", "variants"})
    if (path.starts_with(name)) return true;
  return false;
}

// The faults of a step's job, where its author wrote them.
void add_faults(Faults& faults, const Faults& more, std::size_t step) {
  for (Fault fault : more) {
    const bool own = of_step(fault.where);
    if (own) fault.where = "steps[" + std::to_string(step - 1) + "]." + fault.where;
    // What all steps share would be told once for each.
    if (own || step == 1) faults.push_back(std::move(fault));
  }
}

}  // namespace

BatchText batch_text(const Plan& plan, std::size_t step, const std::string& job_id,
                     const std::string& tz) {
  Json job = Json::object({{"v", Json::number("1")}, {"id", Json::string(job_id)}});
  for (const std::string_view name : kShared)
    if (const Json* value = plan.document.find(name)) job.set(std::string(name), *value);
  for (const auto& [name, value] : plan.steps.at(step - 1).content.members())
    if (name != "delay") job.set(name, value);
  if (const Json* window = plan.document.find("window")) {
    Json own = *window;
    if (!tz.empty()) own.set("tz", Json::string(tz));
    job.set("window", std::move(own));
  }
  job.set("events", Json::boolean(true));
  BatchText text{to_json(job), "]}}"};
  text.head.pop_back();
  text.head += R"(,"recipients":{"list":[)";
  return text;
}

std::expected<Plan, Faults> parse_plan(std::string_view json, const job::IntakePolicy& policy,
                                       const Judge& judge) {
  auto document = parse_json(json);
  if (!document) return std::unexpected(Faults{document.error()});
  if (Faults faults = plan_schema().check(*document); !faults.empty())
    return std::unexpected(std::move(faults));
  Plan plan;
  plan.document = *std::move(document);
  plan.id = plan.document.find("id")->text();
  plan.tenant = plan.document.find("tenant")->text();
  plan.cap_per_day = number_at(plan.document, "cap_per_day");
  plan.company_cap_per_day = number_at(plan.document, "company_cap_per_day");
  const Json* stops = plan.document.find("stop_on_reply");
  plan.stop_on_reply = stops == nullptr || stops->is_true();
  Faults faults;
  for (const Json& content : plan.document.find("steps")->items()) {
    Plan::Step& step = plan.steps.emplace_back();
    step.content = content;
    const std::size_t number = plan.steps.size();
    if (const Json* delay = content.find("delay")) {
      if (const auto parsed = parse_duration(delay->text()))
        step.delay = *parsed;
      else
        faults.push_back(
            {"steps[" + std::to_string(number - 1) + "].delay", parsed.error().detail, {}});
    }
    const BatchText text = batch_text(plan, number, "judged", "");
    const auto job =
        job::parse_job(text.head + R"({"to":"someone@example.com"})" + text.tail, policy);
    if (!job) {
      add_faults(faults, job.error(), number);
      continue;
    }
    plan.window = job->window;
    if (judge) add_faults(faults, judge(*job), number);
  }
  if (auto canonical = job::canonical_json(plan.document))
    plan.digest = job::sha256_hex(*canonical);
  else
    faults.push_back(canonical.error());
  if (!faults.empty()) return std::unexpected(std::move(faults));
  return plan;
}

}  // namespace hongyan::plan
