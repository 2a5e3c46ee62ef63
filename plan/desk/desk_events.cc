// What the desk learns from hongyan:events. A page is looked at again when an engine dies over it:
// everything here may happen twice.
#include "base/text.h"
#include "plan/desk/desk.h"
#include "store/keys.h"

#include <algorithm>

namespace hongyan::plan {
namespace {

using async::Task;
using redis::Command;

constexpr int kPage = 1000;
constexpr Millis kUnheard = std::chrono::minutes(10);
constexpr int kMostPages = 20;  // a round; plans that are due want their turn too

std::string text_at(const Json& json, std::string_view name) {
  const Json* value = json.find(name);
  return value == nullptr ? std::string() : value->text();
}

// "Li <li@example.cn>" or the bare address.
std::string bare_address(std::string from) {
  const auto open = from.rfind('<');
  const auto close = from.rfind('>');
  if (open != std::string::npos && close != std::string::npos && open < close)
    from = from.substr(open + 1, close - open - 1);
  return store::suppressed_address(from);
}

// Why a contact gets no more after this outcome; empty: it is not the last word.
std::string_view reason_of(std::string_view outcome) {
  if (outcome == "bounced") return "bounce";
  if (outcome == "suppressed") return "suppression";
  if (outcome == "invalid" || outcome == "expired" || outcome == "cancelled") return outcome;
  return "";
}

// Of a tenant's plans (or just the one named) those that a reply ends.
std::vector<std::string> stopped_by_reply(
    const std::map<std::string, store::PlanStore::Fields, std::less<>>& plans,
    std::string_view tenant, std::string_view only) {
  std::vector<std::string> ids;
  for (const auto& [id, fields] : plans) {
    const auto owner = fields.find("tenant");
    const auto document = fields.find("document");
    if (owner == fields.end() || document == fields.end() || owner->second != tenant) continue;
    if (!only.empty() && id != only) continue;
    const auto json = parse_json(document->second);
    const Json* stops = json ? json->find("stop_on_reply") : nullptr;
    if (stops == nullptr || stops->is_true()) ids.push_back(id);
  }
  return ids;
}

}  // namespace

std::optional<Desk::Batch> Desk::batch_of(std::string_view job) const {
  const auto dot = job.rfind('.');
  const auto dash = dot == std::string_view::npos ? dot : job.rfind('-', dot);
  if (dash == std::string_view::npos) return std::nullopt;
  const auto plan = known_.find(job.substr(0, dash));
  if (plan == known_.end()) return std::nullopt;
  const auto nonce = plan->second.find("nonce");
  if (nonce == plan->second.end() || nonce->second != job.substr(dash + 1, dot - dash - 1))
    return std::nullopt;
  return Batch{plan->first, std::string(job.substr(dot + 1))};
}

Task<Result<void>> Desk::hear() {
  auto cursor = co_await store_.call(std::move(Command("GET").arg(store::keys::kPlanCursor)));
  if (!cursor) co_return std::unexpected(cursor.error());
  std::string from(cursor->text());
  if (cursor->is_nil()) {
    // Nothing was handed over before this moment, so nothing before it is about a plan.
    auto last = co_await store_.call(std::move(
        Command("XREVRANGE").arg(store::keys::kEvents).arg("+").arg("-").arg("COUNT").arg(1)));
    if (!last) co_return std::unexpected(last.error());
    from = last->array().empty() ? "0-0" : std::string((*last)[0][0].text());
  }
  for (int page = 0; page < kMostPages; ++page) {
    auto entries = co_await store_.call(std::move(Command("XRANGE")
                                                      .arg(store::keys::kEvents)
                                                      .arg("(" + from)
                                                      .arg("+")
                                                      .arg("COUNT")
                                                      .arg(kPage)));
    if (!entries) co_return std::unexpected(entries.error());
    for (const auto& entry : entries->array()) {
      const auto text = [&entry](std::string_view name) {
        const auto* value = entry[1].find(name);
        return value == nullptr ? std::string() : std::string(value->text());
      };
      auto data = parse_json(text("data"));
      if (data)
        if (auto heard = co_await hear(text("type"), text("tenant"), text("job"), *std::move(data));
            !heard)
          co_return heard;
      from = std::string(entry[0].text());
    }
    auto kept =
        co_await store_.call(std::move(Command("SET").arg(store::keys::kPlanCursor).arg(from)));
    if (!kept) co_return std::unexpected(kept.error());
    if (entries->array().size() < kPage) break;
  }
  co_return Result<void>{};
}

Task<Result<void>> Desk::hear(std::string type, std::string tenant, std::string job, Json data) {
  if (type == "recipient.outcome") co_return co_await outcome(std::move(job), data);
  if (type == "mailbox.message") co_return co_await mail_came(std::move(tenant), data);
  if (type == "job.state") {
    const std::string state = text_at(data, "state");
    if (state == "done" || state == "cancelled") co_return co_await job_ended(std::move(job));
    co_return Result<void>{};
  }
  // What one job met is true of all plans of its tenant.
  std::string reason;
  if (type == "recipient.late") reason = text_at(data, "kind");
  if (type == "suppression.added") reason = text_at(data, "reason");
  if (reason.empty()) co_return Result<void>{};
  // A late bounce of a full mailbox says nothing of other plans, but this one stops.
  const auto own = batch_of(job);
  const std::string address = store::suppressed_address(text_at(data, "address"));
  std::vector<std::string> ids;
  for (const auto& [id, fields] : known_) {
    const auto owner = fields.find("tenant");
    const bool of_tenant = owner != fields.end() && owner->second == tenant;
    if (of_tenant &&
        (reason != "bounce" || type == "suppression.added" || (own && own->plan == id)))
      ids.push_back(id);
  }
  for (const std::string& id : ids)
    if (auto stopped = co_await happened(id, address, "", reason); !stopped)
      co_return std::unexpected(stopped.error());
  co_return Result<void>{};
}

Task<Result<void>> Desk::outcome(std::string job, const Json& data) {
  const auto batch = batch_of(job);
  if (!batch) co_return Result<void>{};
  const std::string outcome = text_at(data, "outcome");
  const std::string what(outcome == "delivered" ? outcome : std::string(reason_of(outcome)));
  if (what.empty()) co_return Result<void>{};
  const std::string address = store::suppressed_address(text_at(data, "address"));
  const auto changed = co_await happened(batch->plan, address, job, what);
  if (!changed) co_return std::unexpected(changed.error());
  co_return Result<void>{};
}

// All its outcomes have been told before. Who had none was not attempted.
Task<Result<void>> Desk::job_ended(std::string job) {
  auto batch = batch_of(job);
  if (!batch) co_return Result<void>{};
  co_return co_await close(*std::move(batch), std::move(job), "unsent");
}

Task<Result<void>> Desk::close(Batch batch, std::string job, std::string reason) {
  const auto left = co_await plans_.open_of(batch.plan, batch.number);
  if (!left) co_return std::unexpected(left.error());
  for (const std::string& address : *left)
    if (auto stopped = co_await happened(batch.plan, address, job, reason); !stopped)
      co_return std::unexpected(stopped.error());
  co_return co_await plans_.close(batch.plan, batch.number);
}

// Jobs that have ended long ago without our hearing of it: their events were trimmed away before
// they were read. Nobody is written to again on a guess.
Task<Result<void>> Desk::look_for_unheard(std::string id) {
  const auto open = co_await plans_.open(id);
  if (!open) co_return std::unexpected(open.error());
  const std::int64_t long_ago = to_unix_ms(SystemClock().wall()) - kUnheard.count();
  for (const auto& [number, job] : *open) {
    auto ended =
        co_await store_.call(std::move(Command("HGET").arg(store::keys::job(job)).arg("ended_at")));
    if (!ended) co_return std::unexpected(ended.error());
    if (ended->integer() == 0 || ended->integer() > long_ago) continue;
    if (auto closed = co_await close({id, number}, job, "unknown"); !closed) co_return closed;
  }
  co_return Result<void>{};
}

Task<Result<void>> Desk::mail_came(std::string tenant, const Json& data) {
  // Somebody who is away has not answered.
  if (const Json* machine = data.find("from_machine"); machine != nullptr && machine->is_true())
    co_return Result<void>{};
  const std::string answers = text_at(data, "in_reply_to");
  const std::string from = bare_address(text_at(data, "from"));
  if (!answers.empty()) {
    const auto origin = co_await options_.origin_of(answers);
    if (!origin) co_return std::unexpected(origin.error());
    if (const auto batch = *origin ? batch_of((*origin)->job) : std::nullopt) {
      const auto stopped = co_await replied(stopped_by_reply(known_, tenant, batch->plan),
                                            store::suppressed_address((*origin)->address));
      if (!stopped) co_return std::unexpected(stopped.error());
    }
  }
  const auto stopped = co_await replied(stopped_by_reply(known_, tenant, ""), from);
  if (!stopped) co_return std::unexpected(stopped.error());
  co_return Result<void>{};
}

Task<Result<int>> Desk::told_of_reply(std::string tenant, std::string address, std::string plan) {
  const auto plans = co_await load_plans();
  if (!plans) co_return std::unexpected(plans.error());
  co_return co_await replied(stopped_by_reply(*plans, tenant, plan), bare_address(address));
}

Task<Result<int>> Desk::replied(std::vector<std::string> plans, std::string address) {
  int count = 0;
  for (const std::string& id : plans) {
    // Who was not written to yet cannot have answered.
    const auto contact = co_await plans_.contact(id, address);
    if (!contact) co_return std::unexpected(contact.error());
    const auto steps = contact->find("steps");
    if (steps == contact->end() || (steps->second == "0" && !contact->contains("job"))) continue;
    const auto stopped = co_await happened(id, address, "", "reply");
    if (!stopped) co_return std::unexpected(stopped.error());
    count += *stopped ? 1 : 0;
  }
  co_return count;
}

Task<Result<bool>> Desk::happened(std::string plan, std::string address, std::string job,
                                  std::string what) {
  const auto changed = co_await plans_.happened(plan, address, job, what);
  if (!changed) co_return std::unexpected(changed.error());
  if (*changed != "stopped") co_return false;
  co_await tell("plan.contact-stopped", plan, job,
                {{"plan", Json::string(plan)},
                 {"contact", Json::string(address)},
                 {"reason", Json::string(what)}});
  co_return true;
}

}  // namespace hongyan::plan
