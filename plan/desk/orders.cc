#include "plan/desk/orders.h"

#include "base/log.h"
#include "base/organization.h"
#include "store/keys.h"
#include "store/suppression.h"

#include <fmt/format.h>

#include <random>

namespace hongyan::plan {
namespace {

using async::Task;

constexpr int kAnswerSeconds = 600;
constexpr std::size_t kMostContacts = 1000;

std::string field(const Orders::Order& order, std::string_view name) {
  const auto at = order.find(name);
  return at == order.end() ? std::string() : at->second;
}

Json refused(const Faults& faults) {
  Json list = Json::array();
  for (const Fault& fault : faults)
    list.push(Json::object({{"where", Json::string(fault.where)},
                            {"what", Json::string(fault.what)},
                            {"hint", Json::string(fault.hint)}}));
  return Json::object({{"ok", Json::boolean(false)}, {"faults", std::move(list)}});
}

Json refused(std::string where, std::string what, std::string hint = {}) {
  return refused({{std::move(where), std::move(what), std::move(hint)}});
}

Json accepted(std::vector<Json::Member> more = {}) {
  more.insert(more.begin(), {"ok", Json::boolean(true)});
  return Json::object(std::move(more));
}

Json unknown(const std::string& id) {
  return refused("plan", "there is no plan `" + id + "`", "hongyan plan list");
}

// Keeps the ids of a plan's jobs apart from those that somebody else thought of.
std::string nonce() {
  return fmt::format("{:06x}", std::random_device{}() & 0xFFFFFFu);
}

std::string text_at(const Json& json, std::string_view name) {
  const Json* value = json.find(name);
  return value == nullptr ? std::string() : value->text();
}

}  // namespace

Orders::Orders(store::JobStore& store, job::IntakePolicy policy, Judge judge,
               std::shared_ptr<const mailbox::Catalogue> catalogue, Replied replied)
    : store_(store),
      plans_(store),
      policy_(std::move(policy)),
      judge_(std::move(judge)),
      catalogue_(std::move(catalogue)),
      replied_(std::move(replied)) {}

Task<bool> Orders::carry_out(Order order) {
  const auto answer = co_await obey(order);
  if (!answer) co_return false;
  log::info("plan-order", {{"op", field(order, "op")},
                           {"plan", field(order, "plan")},
                           {"actor", field(order, "actor")},
                           {"ok", answer->find("ok")->is_true()}});
  const std::string request = field(order, "request");
  if (request.empty()) co_return true;
  co_return (co_await store_.call(std::move(redis::Command("SET")
                                                .arg(store::keys::answer(request))
                                                .arg(to_json(*answer))
                                                .arg("EX")
                                                .arg(kAnswerSeconds))))
      .has_value();
}

Task<Result<Json>> Orders::obey(const Order& order) {
  const std::string op = field(order, "op");
  if (op == "plan.create") co_return co_await write(order, true);
  if (op == "plan.edit") co_return co_await write(order, false);
  if (op == "plan.add") co_return co_await add(order);
  if (op == "plan.pause" || op == "plan.resume" || op == "plan.stop")
    co_return co_await turn(order);
  if (op == "plan.reply") {
    const auto stopped =
        co_await replied_(field(order, "tenant"), field(order, "contact"), field(order, "plan"));
    if (!stopped) co_return std::unexpected(stopped.error());
    co_return accepted({{"stopped", Json::number(std::to_string(*stopped))}});
  }
  co_return refused("op",
                    "must be plan.create, plan.edit, plan.add, plan.pause, plan.resume, "
                    "plan.stop or plan.reply");
}

Task<Result<Json>> Orders::write(const Order& order, bool anew) {
  const std::string document = field(order, "document");
  const auto plan = parse_plan(document, policy_, judge_);
  if (!plan) co_return refused(plan.error());
  std::string done;
  if (anew) {
    auto made = co_await plans_.create(plan->id, plan->digest,
                                       {{"document", document},
                                        {"tenant", plan->tenant},
                                        {"nonce", nonce()},
                                        {"actor", field(order, "actor")}});
    if (!made) co_return std::unexpected(made.error());
    done = *made;
    if (done == "differs")
      co_return refused("id", "`" + plan->id + "` is in use by a plan with other content",
                        "hongyan plan edit changes a plan");
  } else {
    const auto known = co_await plans_.load(plan->id);
    if (!known) co_return std::unexpected(known.error());
    if (known->empty()) co_return unknown(plan->id);
    if (known->find("tenant")->second != plan->tenant)
      co_return refused("tenant", "cannot be changed");
    auto edited = co_await plans_.edit(plan->id, plan->digest, document);
    if (!edited) co_return std::unexpected(edited.error());
    done = *edited;
    if (done == "ended") co_return refused("id", "the plan was stopped for good");
  }
  co_return accepted({{"plan", Json::string(plan->id)}, {"done", Json::string(done)}});
}

std::string Orders::company_of(std::string_view domain) const {
  const mailbox::Provider* provider = catalogue_->by_domain(domain);
  if (provider != nullptr && provider->kind == mailbox::Kind::kPersonal) return {};
  return organizational_domain(domain);
}

Task<Result<Json>> Orders::add(const Order& order) {
  const std::string id = field(order, "plan");
  const auto contacts = parse_json(field(order, "contacts"));
  if (!contacts) co_return refused({contacts.error()});
  if (!contacts->is(Json::Kind::kArray) || contacts->items().empty() ||
      contacts->items().size() > kMostContacts)
    co_return refused("contacts", "must be a list of 1 to 1,000 contacts",
                      R"([{"to":"li@example.cn","tz":"Asia/Shanghai","vars":{"name":"Li"}}])");
  std::vector<store::PlanStore::NewContact> good;
  Json bad = Json::array();
  for (const Json& one : contacts->items()) {
    const std::string to = text_at(one, "to");
    const std::string tz = text_at(one, "tz");
    const Json* vars = one.find("vars");
    std::string why;
    const auto address = parse_address(to);
    if (!address)
      why = address.error().detail;
    else if (!tz.empty() && !job::is_known_time_zone(tz))
      why = "`" + tz + "` is no time zone; an IANA name is needed, such as Asia/Shanghai";
    else if (vars != nullptr && !vars->is(Json::Kind::kObject))
      why = "`vars` must be an object";
    if (!why.empty()) {
      bad.push(Json::object({{"to", Json::string(to)}, {"why", Json::string(why)}}));
      continue;
    }
    const std::string normal = address->normalised();
    good.push_back({store::suppressed_address(normal), normal, tz,
                    vars == nullptr ? "{}" : to_json(*vars), company_of(address->domain)});
  }
  const std::size_t count = good.size();
  std::int64_t fresh = 0;
  if (count > 0) {
    const auto added = co_await plans_.add(id, std::move(good));
    if (!added) co_return std::unexpected(added.error());
    if (*added < 0) co_return refused("plan", "there is no such plan, or it was stopped");
    fresh = *added;
  }
  co_return accepted(
      {{"added", Json::number(std::to_string(fresh))},
       {"known", Json::number(std::to_string(static_cast<std::int64_t>(count) - fresh))},
       {"refused", std::move(bad)}});
}

Task<Result<Json>> Orders::turn(const Order& order) {
  const std::string id = field(order, "plan");
  const std::string op = field(order, "op");
  const std::string state = op == "plan.pause"    ? "paused"
                            : op == "plan.resume" ? "running"
                                                  : "stopped";
  const auto done = co_await plans_.turn(id, state, field(order, "actor"), field(order, "reason"));
  if (!done) co_return std::unexpected(done.error());
  if (*done == "unknown") co_return unknown(id);
  if (*done == "ended") co_return refused("plan", "the plan was stopped for good");
  co_return accepted({{"plan", Json::string(id)}, {"state", Json::string(state)}});
}

}  // namespace hongyan::plan
