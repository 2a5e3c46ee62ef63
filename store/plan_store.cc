#include "store/plan_store.h"

#include "store/keys.h"

#include <charconv>

namespace hongyan::store {
namespace {

using async::Task;
using redis::Command;

Command function(std::string_view name, const std::string& id) {
  Command command("FCALL");
  command.arg(name).arg(1).arg(keys::plan(id));
  return command;
}

template <class Reply>
PlanStore::Fields fields_of(const Reply& reply) {
  PlanStore::Fields fields;
  const auto flat = reply.array();
  for (std::size_t i = 0; i + 1 < flat.size(); i += 2)
    fields.emplace(flat[i].text(), flat[i + 1].text());
  return fields;
}

std::int64_t number_of(std::string_view text) {
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

Task<Result<std::string>> word(JobStore& store, Command command) {
  auto reply = co_await store.call(std::move(command));
  if (!reply) co_return std::unexpected(reply.error());
  co_return std::string(reply->text());
}

Task<Result<void>> done(JobStore& store, Command command) {
  auto reply = co_await store.call(std::move(command));
  if (!reply) co_return std::unexpected(reply.error());
  co_return Result<void>{};
}

Task<Result<std::vector<std::string>>> words(JobStore& store, Command command) {
  auto reply = co_await store.call(std::move(command));
  if (!reply) co_return std::unexpected(reply.error());
  std::vector<std::string> texts;
  for (const auto& one : reply->array()) texts.emplace_back(one.text());
  co_return texts;
}

}  // namespace

Task<Result<std::string>> PlanStore::create(std::string id, std::string digest, Fields fields) {
  Command command = function("h1_followup_create", id);
  command.arg(digest);
  for (const auto& [name, value] : fields) command.arg(name).arg(value);
  auto made = co_await word(store_, std::move(command));
  if (!made || *made == "differs") co_return made;
  const SystemClock clock;
  auto listed = co_await store_.call(
      std::move(Command("ZADD").arg(keys::kPlans).arg("NX").arg(to_unix_ms(clock.wall())).arg(id)));
  if (!listed) co_return std::unexpected(listed.error());
  co_return made;
}

Task<Result<std::string>> PlanStore::edit(std::string id, std::string digest,
                                          std::string document) {
  Command command = function("h1_followup_edit", id);
  command.arg(digest).arg(document);
  co_return co_await word(store_, std::move(command));
}

Task<Result<std::string>> PlanStore::turn(std::string id, std::string state, std::string actor,
                                          std::string reason) {
  Command command = function("h1_followup_turn", id);
  command.arg(state).arg(actor).arg(reason);
  co_return co_await word(store_, std::move(command));
}

Task<Result<std::int64_t>> PlanStore::add(std::string id, std::vector<NewContact> contacts) {
  Command command = function("h1_followup_add", id);
  for (const NewContact& one : contacts)
    command.arg(one.address).arg(one.to).arg(one.tz).arg(one.vars).arg(one.company);
  auto reply = co_await store_.call(std::move(command));
  if (!reply) co_return std::unexpected(reply.error());
  co_return reply->integer();
}

Task<Result<PlanStore::View>> PlanStore::look(std::string id, int most) {
  Command command = function("h1_followup_look", id);
  command.arg(most);
  auto reply = co_await store_.call(std::move(command));
  if (!reply) co_return std::unexpected(reply.error());
  View view;
  view.now_ms = number_of((*reply)[0].text());
  view.plan = fields_of((*reply)[1]);
  const auto flat = (*reply)[2].array();
  for (std::size_t i = 0; i + 1 < flat.size(); i += 2)
    view.outbox.emplace_back(flat[i].text(), flat[i + 1].text());
  for (const auto& one : (*reply)[3].array()) {
    const auto text = [&one](std::size_t at) { return std::string(one[at].text()); };
    view.due.push_back({text(0), text(1), text(2), text(3), text(4),
                        static_cast<std::size_t>(number_of(text(5))), number_of(text(6)),
                        number_of(text(7))});
  }
  co_return view;
}

Task<Result<void>> PlanStore::put_off(std::string id,
                                      std::vector<std::pair<std::string, std::int64_t>> until) {
  if (until.empty()) co_return Result<void>{};
  Command command("ZADD");
  command.arg(keys::of_plan(id, "due")).arg("XX");
  for (const auto& [address, at] : until) command.arg(at).arg(address);
  co_return co_await done(store_, std::move(command));
}

Task<Result<std::int64_t>> PlanStore::take(std::string id, Batch batch) {
  Command command = function("h1_followup_take", id);
  command.arg(batch.number).arg(batch.job).arg(batch.revision).arg(batch.step);
  command.arg(batch.cap).arg(batch.company_cap).arg(batch.day.count());
  command.arg(batch.head).arg(batch.tail);
  for (const Batch::Line& line : batch.lines)
    command.arg(line.address).arg(line.company).arg(line.json);
  auto reply = co_await store_.call(std::move(command));
  if (!reply) co_return std::unexpected(reply.error());
  co_return reply->integer();
}

Task<Result<void>> PlanStore::handed_over(std::string id, std::string batch) {
  co_return co_await done(store_,
                          std::move(Command("HDEL").arg(keys::of_plan(id, "outbox")).arg(batch)));
}

Task<Result<PlanStore::Fields>> PlanStore::open(std::string id) {
  auto reply = co_await store_.call(std::move(Command("HGETALL").arg(keys::of_plan(id, "open"))));
  if (!reply) co_return std::unexpected(reply.error());
  co_return fields_of(*reply);
}

Task<Result<std::vector<std::string>>> PlanStore::open_of(std::string id, std::string batch) {
  co_return co_await words(store_,
                           std::move(Command("SMEMBERS").arg(keys::of_plan(id, "batch:" + batch))));
}

Task<Result<void>> PlanStore::close(std::string id, std::string batch) {
  co_return co_await done(store_,
                          std::move(Command("HDEL").arg(keys::of_plan(id, "open")).arg(batch)));
}

Task<Result<std::string>> PlanStore::happened(std::string id, std::string address, std::string job,
                                              std::string what) {
  Command command = function("h1_followup_contact", id);
  command.arg(address).arg(job).arg(what);
  co_return co_await word(store_, std::move(command));
}

Task<Result<std::int64_t>> PlanStore::forget(std::string id, std::string address) {
  Command command = function("h1_followup_forget", id);
  command.arg(address);
  auto reply = co_await store_.call(std::move(command));
  if (!reply) co_return std::unexpected(reply.error());
  co_return reply->integer();
}

Task<Result<PlanStore::Fields>> PlanStore::load(std::string id) {
  auto reply = co_await store_.call(std::move(Command("HGETALL").arg(keys::plan(id))));
  if (!reply) co_return std::unexpected(reply.error());
  co_return fields_of(*reply);
}

Task<Result<PlanStore::Fields>> PlanStore::contact(std::string id, std::string address) {
  auto reply = co_await store_.call(std::move(Command("HGETALL").arg(keys::contact(id, address))));
  if (!reply) co_return std::unexpected(reply.error());
  co_return fields_of(*reply);
}

Task<Result<std::vector<std::string>>> PlanStore::all() {
  co_return co_await words(store_, std::move(Command("ZRANGE").arg(keys::kPlans).arg(0).arg(-1)));
}

Task<Result<bool>> PlanStore::lead(std::string who, Millis lease) {
  auto taken = co_await store_.call(std::move(
      Command("SET").arg(keys::kPlanLead).arg(who).arg("NX").arg("PX").arg(lease.count())));
  if (!taken) co_return std::unexpected(taken.error());
  if (!taken->is_nil()) co_return true;
  auto leader = co_await store_.call(std::move(Command("GET").arg(keys::kPlanLead)));
  if (!leader) co_return std::unexpected(leader.error());
  if (leader->is_nil() || leader->text() != who) co_return false;
  auto extended =
      co_await store_.call(std::move(Command("PEXPIRE").arg(keys::kPlanLead).arg(lease.count())));
  co_return extended.has_value();
}

}  // namespace hongyan::store
