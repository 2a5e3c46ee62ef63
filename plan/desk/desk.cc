#include "plan/desk/desk.h"

#include "base/log.h"
#include "store/events.h"
#include "store/keys.h"

namespace hongyan::plan {
namespace {

using namespace std::chrono_literals;
using async::Task;

constexpr Millis kRound{1000};
constexpr Millis kLead{10'000};
constexpr auto kSearchEvery = 10s;
constexpr int kMostAtOnce = 500;
constexpr std::size_t kMostBytes = 2 * 1024 * 1024;  // of a batch's lines; a job takes 4 MiB

std::string at(const store::PlanStore::Fields& fields, std::string_view name) {
  const auto found = fields.find(name);
  return found == fields.end() ? std::string() : found->second;
}

std::string line_of(const store::PlanStore::Contact& contact) {
  return R"({"to":)" + to_json(Json::string(contact.to)) + R"(,"vars":)" + contact.vars + "}";
}

}  // namespace

Desk::Desk(Options options, store::JobStore& store)
    : options_(std::move(options)),
      store_(store),
      plans_(store),
      suppressions_(store),
      orders_(store, options_.policy, options_.judge, options_.catalogue,
              [this](std::string tenant, std::string address, std::string plan) {
                return told_of_reply(std::move(tenant), std::move(address), std::move(plan));
              }) {}

Task<> Desk::run(const async::TaskGroup& owner) {
  while (!owner.stopping()) {
    co_await async::sleep_for(kRound);
    if (owner.stopping() || !options_.may_work()) continue;
    const auto leads = co_await plans_.lead(options_.who, kLead);
    if (!leads || !*leads) continue;
    if (const auto done = co_await round(); !done)
      log::warning("plans", {{"error", done.error().detail}});
  }
}

Task<Result<Desk::Plans>> Desk::load_plans() {
  Plans plans;
  auto all = co_await plans_.all();
  if (!all) co_return std::unexpected(all.error());
  for (const std::string& id : *all) {
    auto fields = co_await plans_.load(id);
    if (!fields) co_return std::unexpected(fields.error());
    plans.emplace(id, *std::move(fields));
  }
  co_return plans;
}

Task<Result<void>> Desk::round() {
  auto plans = co_await load_plans();
  if (!plans) co_return std::unexpected(plans.error());
  known_ = *std::move(plans);
  if (known_.empty()) co_return Result<void>{};
  if (auto heard = co_await hear(); !heard) co_return heard;
  std::vector<std::string> ids;
  for (const auto& [id, fields] : known_) ids.push_back(id);
  for (const std::string& id : ids)
    if (auto driven = co_await drive(id); !driven) co_return driven;
  if (std::chrono::steady_clock::now() < next_search_) co_return Result<void>{};
  next_search_ = async::Deadline::in(kSearchEvery).at;
  for (const std::string& id : ids)
    if (auto done = co_await look_for_unheard(id); !done) co_return done;
  co_return Result<void>{};
}

Task<Result<void>> Desk::drive(std::string id) {
  auto view = co_await plans_.look(id, kMostAtOnce);
  if (!view) co_return std::unexpected(view.error());
  if (auto handed = co_await hand_over(id, std::move(view->outbox)); !handed) co_return handed;
  if (view->due.empty()) co_return Result<void>{};
  const auto plan = parse_plan(at(view->plan, "document"), options_.policy, options_.judge);
  if (!plan) {
    // The configuration has changed since: nothing can be sent until somebody has looked.
    const std::string why = plan.error().front().sentence();
    log::error("plan-refused", {{"plan", id}, {"fault", why}});
    const auto paused = co_await plans_.turn(id, "paused", "engine", why);
    if (!paused) co_return std::unexpected(paused.error());
    co_return Result<void>{};
  }
  const WallTime now{Millis(view->now_ms)};
  std::vector<std::pair<std::string, std::int64_t>> later;
  std::map<std::pair<std::size_t, std::string>, std::vector<Contact>> due;  // by step and zone
  for (Contact& contact : view->due) {
    const Decision next = decide(*plan,
                                 {contact.steps, WallTime(Millis(contact.joined_ms)),
                                  WallTime(Millis(contact.last_ms)), contact.tz},
                                 now);
    if (next.kind == Decision::Kind::kWait) {
      later.emplace_back(contact.address, to_unix_ms(next.at));
    } else if (next.kind == Decision::Kind::kDone) {
      if (auto done = co_await happened(id, contact.address, "", "done"); !done)
        co_return std::unexpected(done.error());
    } else {
      const std::string zone = plan->window ? contact.tz : std::string();
      due[{contact.steps + 1, zone}].push_back(std::move(contact));
    }
  }
  if (auto put = co_await plans_.put_off(id, std::move(later)); !put) co_return put;
  for (auto& [key, contacts] : due) {
    auto willing = co_await without_suppressed(*plan, std::move(contacts));
    if (!willing) co_return std::unexpected(willing.error());
    if (willing->empty()) continue;
    if (auto sent = co_await send(*plan, view->plan, *std::move(willing)); !sent) co_return sent;
    // The number of the next batch.
    auto fresh = co_await plans_.look(id, 0);
    if (!fresh) co_return std::unexpected(fresh.error());
    view->plan = std::move(fresh->plan);
    if (auto handed = co_await hand_over(id, std::move(fresh->outbox)); !handed) co_return handed;
  }
  co_return Result<void>{};
}

Task<Result<std::vector<Desk::Contact>>> Desk::without_suppressed(const Plan& plan,
                                                                  std::vector<Contact> contacts) {
  std::vector<std::string> addresses;
  for (const Contact& contact : contacts) addresses.push_back(contact.to);
  const auto found = co_await suppressions_.find(plan.tenant, std::move(addresses));
  if (!found) co_return std::unexpected(found.error());
  std::vector<Contact> willing;
  for (std::size_t i = 0; i < contacts.size(); ++i) {
    if (!(*found)[i]) {
      willing.push_back(std::move(contacts[i]));
      continue;
    }
    const auto stopped = co_await happened(plan.id, contacts[i].address, "", "suppression");
    if (!stopped) co_return std::unexpected(stopped.error());
  }
  co_return willing;
}

Task<Result<void>> Desk::send(const Plan& plan, const Fields& fields,
                              std::vector<Contact> contacts) {
  store::PlanStore::Batch batch;
  batch.number = at(fields, "batch");
  batch.job = plan.id + "-" + at(fields, "nonce") + "." + batch.number;
  batch.revision = at(fields, "revision");
  batch.step = contacts.front().steps + 1;
  batch.cap = plan.cap_per_day;
  batch.company_cap = plan.company_cap_per_day;
  const std::string zone = contacts.front().tz;
  BatchText text = batch_text(plan, batch.step, batch.job, zone);
  batch.head = std::move(text.head);
  batch.tail = std::move(text.tail);
  std::size_t bytes = 0;
  for (const Contact& contact : contacts) {
    std::string line = line_of(contact);
    bytes += line.size() + 1;
    if (bytes > kMostBytes && !batch.lines.empty()) break;  // the rest in the next round
    batch.lines.push_back({contact.address, contact.company, std::move(line)});
  }
  const std::string job = batch.job;
  const std::size_t step = batch.step;
  const auto taken = co_await plans_.take(plan.id, std::move(batch));
  if (!taken) co_return std::unexpected(taken.error());
  if (*taken > 0) {
    log::info("plan-step", {{"plan", plan.id}, {"step", step}, {"job", job}, {"contacts", *taken}});
    co_await tell("plan.step", plan.id, job,
                  {{"plan", Json::string(plan.id)},
                   {"step", Json::number(std::to_string(step))},
                   {"contacts", Json::number(std::to_string(*taken))}});
  }
  co_return Result<void>{};
}

Task<Result<void>> Desk::hand_over(std::string id,
                                   std::vector<std::pair<std::string, std::string>> outbox) {
  for (auto& [batch, document] : outbox) {
    auto added = co_await store_.call(std::move(
        redis::Command("XADD").arg(store::keys::kJobs).arg("*").arg("job").arg(document)));
    if (!added) co_return std::unexpected(added.error());
    if (auto done = co_await plans_.handed_over(id, batch); !done) co_return done;
  }
  co_return Result<void>{};
}

Task<> Desk::tell(std::string type, const std::string& plan, std::string job,
                  std::vector<Json::Member> data) {
  const auto known = known_.find(plan);
  std::string tenant = known == known_.end() ? std::string() : at(known->second, "tenant");
  (void)co_await store::publish_event(
      store_,
      {std::move(type), std::move(tenant), std::move(job), to_json(Json::object(std::move(data)))},
      options_.keep_events);
}

}  // namespace hongyan::plan
