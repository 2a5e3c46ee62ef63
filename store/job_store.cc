#include "store/job_store.h"

#include "store/keys.h"

#include <charconv>

namespace hongyan::store {
namespace {

using async::Task;
using redis::Command;
using redis::Reply;

std::int64_t to_number(std::string_view text) {
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

Command function(std::string_view name, std::string_view id) {
  Command command("FCALL");
  command.arg(name).arg(1).arg(keys::job(id));
  return command;
}

// "due first attempts state"
Wait parse_wait(std::uint32_t index, std::string_view text) {
  Wait wait;
  wait.index = index;
  const auto take = [&] {
    const auto blank = text.find(' ');
    const auto word = text.substr(0, blank);
    text = blank == std::string_view::npos ? std::string_view{} : text.substr(blank + 1);
    return word;
  };
  wait.due_ms = to_number(take());
  wait.first_attempt_ms = to_number(take());
  wait.attempts = static_cast<int>(to_number(take()));
  if (!text.empty()) wait.state = text[0];
  return wait;
}

}  // namespace

std::string JobView::text(std::string_view field) const {
  const auto at = fields.find(field);
  return at == fields.end() ? std::string() : at->second;
}

std::int64_t JobView::number(std::string_view field) const {
  return to_number(text(field));
}

Task<Result<Reply>> JobStore::call(Command command) {
  auto reply = co_await client_.call(std::move(command), async::Deadline::in(patience_));
  if (reply && reply->is_error())
    co_return fail(Scope::kProcess, "redis-refused", std::string(reply->text()));
  co_return reply;
}

Task<Result<std::vector<Reply>>> JobStore::pipeline(std::vector<Command> commands) {
  if (commands.empty()) co_return std::vector<Reply>{};
  const auto deadline = async::Deadline::in(patience_);
  // Replies come in order: when the last one is here, so are the others. The handlers may outlive
  // this coroutine when the last call ends by its deadline.
  const auto first = std::make_shared<std::vector<Result<Reply>>>();
  for (std::size_t i = 0; i + 1 < commands.size(); ++i)
    client_.submit(commands[i], deadline,
                   [first](Result<Reply> reply) { first->push_back(std::move(reply)); });
  auto last = co_await client_.call(std::move(commands.back()), deadline);
  if (!last) co_return std::unexpected(last.error());
  first->push_back(std::move(last));
  std::vector<Reply> replies;
  for (Result<Reply>& one : *first) {
    if (!one) co_return std::unexpected(one.error());
    if (one->is_error()) co_return fail(Scope::kProcess, "redis-refused", std::string(one->text()));
    replies.push_back(std::move(*one));
  }
  co_return replies;
}

Task<Result<IntakeVerdict>> JobStore::intake(IntakeRecord record) {
  Command command = function("h1_intake", record.id);
  command.arg(record.digest).arg(record.document);
  for (const auto& [name, value] : record.fields) command.arg(name).arg(value);
  auto reply = co_await call(std::move(command));
  if (!reply) co_return std::unexpected(reply.error());
  const std::string_view verdict = reply->text();
  if (verdict == "created") co_return IntakeVerdict::kCreated;
  if (verdict == "same") co_return IntakeVerdict::kSame;
  if (verdict == "tombstone") co_return IntakeVerdict::kTombstone;
  co_return IntakeVerdict::kDiffers;
}

Task<Result<std::string>> JobStore::control(std::string id, std::string op, std::string actor,
                                            std::string reason, std::int64_t budget) {
  Command command = function("h1_control", id);
  command.arg(op).arg(actor).arg(reason).arg(budget);
  auto reply = co_await call(std::move(command));
  if (!reply) co_return std::unexpected(reply.error());
  co_return std::string(reply->text());
}

Task<Result<std::optional<PlanLease>>> JobStore::plan_lease(std::string id, std::string engine) {
  Command command = function("h1_plan_lease", id);
  command.arg(engine);
  auto reply = co_await call(std::move(command));
  if (!reply) co_return std::unexpected(reply.error());
  if (reply->is_nil()) co_return std::nullopt;
  co_return PlanLease{std::to_string((*reply)[0].integer()), (*reply)[1].integer(),
                      (*reply)[3].integer()};
}

Task<Result<std::optional<PlanStep>>> JobStore::plan_begin(std::string id, std::string engine,
                                                           std::string epoch, std::int64_t items) {
  Command command = function("h1_plan_begin", id);
  command.arg(engine).arg(epoch).arg(items);
  auto reply = co_await call(std::move(command));
  if (!reply) co_return std::unexpected(reply.error());
  if (reply->is_nil()) co_return std::nullopt;
  PlanStep step{(*reply)[0].integer(),
                static_cast<std::uint64_t>((*reply)[1].integer()),
                static_cast<std::uint64_t>((*reply)[2].integer()),
                {}};
  for (const Reply& name : (*reply)[3].array()) step.groups.emplace_back(name.text());
  co_return step;
}

Task<Result<bool>> JobStore::plan_chunk(std::string id, std::string engine, std::string epoch,
                                        PlannedChunk chunk) {
  Command command = function("h1_plan_chunk", id);
  command.reserve(chunk.data.size() + chunk.fingerprints.size() * 28 + 256);
  command.arg(engine)
      .arg(epoch)
      .arg(chunk.number)
      .arg(chunk.group)
      .arg(chunk.data)
      .arg(chunk.states)
      .arg(chunk.replies);
  for (const std::uint64_t fingerprint : chunk.fingerprints) command.arg(fingerprint);
  auto reply = co_await call(std::move(command));
  if (!reply) co_return std::unexpected(reply.error());
  co_return !reply->is_nil();
}

Task<Result<bool>> JobStore::plan_commit(std::string id, std::string engine, std::string epoch,
                                         std::vector<std::uint64_t> blocks, bool complete) {
  std::string list;
  for (const std::uint64_t block : blocks) list += std::to_string(block) + " ";
  Command command = function("h1_plan_commit", id);
  command.arg(engine).arg(epoch).arg(list).arg(complete ? 1 : 0);
  auto reply = co_await call(std::move(command));
  if (!reply) co_return std::unexpected(reply.error());
  co_return !reply->is_nil();
}

Task<Result<bool>> JobStore::plan_stop(std::string id, std::string engine, std::string epoch,
                                       std::string reason) {
  Command command = function("h1_plan_stop", id);
  command.arg(engine).arg(epoch).arg(reason);
  auto reply = co_await call(std::move(command));
  if (!reply) co_return std::unexpected(reply.error());
  co_return !reply->is_nil();
}

Task<Result<JobView>> JobStore::view(std::string id) {
  auto reply = co_await call(function("h1_view", id));
  if (!reply) co_return std::unexpected(reply.error());
  JobView view;
  const auto fields = (*reply)[0].array();
  for (std::size_t i = 0; i + 1 < fields.size(); i += 2)
    view.fields.emplace(fields[i].text(), fields[i + 1].text());
  const auto groups = (*reply)[1].array();
  for (std::size_t i = 0; i + 3 < groups.size(); i += 4)
    view.groups.push_back({std::string(groups[i].text()), std::string(groups[i + 1].text()),
                           groups[i + 2].integer(), groups[i + 3].integer()});
  view.now_ms = (*reply)[2].integer();
  co_return view;
}

Task<Result<std::optional<ClaimedChunk>>> JobStore::claim(std::string id, std::string engine,
                                                          std::string group, Millis lease,
                                                          double random) {
  Command command = function("h1_claim", id);
  command.arg(engine).arg(group).arg(lease.count()).arg(std::to_string(random));
  auto reply = co_await call(std::move(command));
  if (!reply) co_return std::unexpected(reply.error());
  if (reply->is_nil()) co_return std::nullopt;
  auto parts = reply->take_array();
  ClaimedChunk chunk;
  chunk.number = static_cast<std::uint64_t>(parts[0].integer());
  chunk.epoch = static_cast<std::uint64_t>(parts[1].integer());
  chunk.data = parts[2].take_text();
  chunk.states = parts[3].take_text();
  chunk.claimed_at_ms = parts[5].integer();
  const auto waits = parts[4].array();
  for (std::size_t i = 0; i + 1 < waits.size(); i += 2)
    chunk.waits.push_back(
        parse_wait(static_cast<std::uint32_t>(waits[i].integer()), waits[i + 1].text()));
  co_return chunk;
}

Task<Result<std::vector<bool>>> JobStore::extend(
    std::string id, std::string engine, Millis lease,
    std::vector<std::pair<std::uint64_t, std::uint64_t>> chunks) {
  Command command = function("h1_extend", id);
  command.arg(engine).arg(lease.count());
  for (const auto& [chunk, epoch] : chunks) command.arg(chunk).arg(epoch);
  auto reply = co_await call(std::move(command));
  if (!reply) co_return std::unexpected(reply.error());
  std::vector<bool> kept;
  for (const Reply& one : reply->array()) kept.push_back(one.integer() == 1);
  co_return kept;
}

Task<Result<bool>> JobStore::restore(std::string id, std::string engine, std::uint64_t chunk,
                                     std::uint64_t epoch, Millis lease, std::int64_t claimed_at_ms,
                                     std::vector<std::pair<char, std::uint32_t>> held) {
  Command command = function("h1_restore", id);
  command.arg(engine).arg(chunk).arg(epoch).arg(lease.count()).arg(claimed_at_ms);
  for (const auto& [state, index] : held)
    command.arg(std::string(1, state) + " " + std::to_string(index));
  auto reply = co_await call(std::move(command));
  if (!reply) co_return std::unexpected(reply.error());
  co_return reply->integer() == 1;
}

Task<Result<CommitAnswer>> JobStore::commit(Command command) {
  auto reply = co_await call(std::move(command));
  if (!reply) co_return std::unexpected(reply.error());
  co_return parse_commit_answer(*reply);
}

Task<Result<std::optional<JobStore::Ticked>>> JobStore::tick(std::string id, int most_chunks) {
  Command command = function("h1_tick", id);
  command.arg(most_chunks);
  auto reply = co_await call(std::move(command));
  if (!reply) co_return std::unexpected(reply.error());
  if (reply->is_nil()) co_return std::nullopt;
  co_return Ticked{std::string((*reply)[0].text()), (*reply)[1].integer() == 1,
                   (*reply)[2].integer()};
}

Task<Result<std::string>> JobStore::doubt(std::string id, std::uint64_t chunk, std::uint32_t index,
                                          std::string as, std::string result, BillingDay day) {
  auto known = co_await call(std::move(Command("HEXISTS").arg(keys::job(id)).arg("state")));
  if (!known) co_return std::unexpected(known.error());
  if (known->integer() == 0) co_return "no such job";
  if (auto woken = co_await reactivate(id); !woken) co_return std::unexpected(woken.error());
  Command command = function("h1_doubt", id);
  command.arg(chunk).arg(index).arg(as).arg(result);
  command.arg(day.today).arg(day.ends_ms).arg(day.tomorrow);
  auto reply = co_await call(std::move(command));
  if (!reply) co_return std::unexpected(reply.error());
  co_return std::string(reply->text());
}

Task<Result<std::string>> JobStore::forget(std::string id, Erasure erasure) {
  if (auto woken = co_await reactivate(id); !woken) co_return std::unexpected(woken.error());
  Command command = function("h1_forget", id);
  command.arg(erasure.chunk).arg(erasure.data).arg(erasure.new_data);
  command.arg(erasure.replies).arg(erasure.new_replies);
  for (const std::uint32_t index : erasure.indexes) command.arg(index);
  auto reply = co_await call(std::move(command));
  if (!reply) co_return std::unexpected(reply.error());
  co_return std::string(reply->text());
}

Task<Result<std::string>> JobStore::late(std::string id, Late report) {
  auto known = co_await call(std::move(Command("HEXISTS").arg(keys::job(id)).arg("state")));
  if (!known) co_return std::unexpected(known.error());
  if (known->integer() == 0) co_return "gone";
  if (auto woken = co_await reactivate(id); !woken) co_return std::unexpected(woken.error());
  Command command = function("h1_late", id);
  command.arg(report.kind).arg(report.chunk).arg(report.index).arg(report.invalid_address ? 1 : 0);
  command.arg(report.event).arg(report.suppression).arg(report.status);
  auto reply = co_await call(std::move(command));
  if (!reply) co_return std::unexpected(reply.error());
  co_return std::string(reply->text());
}

Task<Result<std::string>> JobStore::seen(std::string id, Seen what) {
  if (!what.event.empty())
    if (auto woken = co_await reactivate(id); !woken) co_return std::unexpected(woken.error());
  Command command = function("h1_seen", id);
  command.arg(what.click ? "click" : "open").arg(what.chunk).arg(what.index).arg(what.link);
  command.arg(what.event);
  auto reply = co_await call(std::move(command));
  if (!reply) co_return std::unexpected(reply.error());
  co_return std::string(reply->text());
}

Task<Result<void>> JobStore::reactivate(std::string id) {
  auto active = co_await call(std::move(Command("SADD").arg(keys::kActive).arg(id)));
  if (!active) co_return std::unexpected(active.error());
  auto ended = co_await call(std::move(Command("ZREM").arg(keys::kEnded).arg(id)));
  if (!ended) co_return std::unexpected(ended.error());
  co_return Result<void>{};
}

}  // namespace hongyan::store
