#include "engine/core/intake.h"

#include "base/log.h"
#include "engine/core/job_book.h"
#include "engine/identity/message_tag.h"
#include "engine/job/canonical.h"
#include "store/events.h"
#include "store/keys.h"

#include <boost/json.hpp>

#include <charconv>
#include <random>

namespace hongyan::engine {
namespace {

using namespace std::chrono_literals;
using redis::Command;

constexpr Millis kBlock{500};
// An entry that lies with another engine for so long is taken over.
constexpr Millis kTakeOver{15'000};
constexpr std::int64_t kMostDeliveries = 5;
constexpr std::size_t kDeadBytes = 64 * 1024;
constexpr int kRefusalSeconds = 24 * 3600;

std::vector<std::string> sentences(const Faults& faults) {
  std::vector<std::string> texts;
  for (const Fault& fault : faults) texts.push_back(fault.sentence());
  return texts;
}

bool is_job_id(std::string_view id) {
  return !id.empty() && id.size() <= 64 &&
         id.find_first_not_of(
             "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") ==
             std::string_view::npos;
}

// The id is worth having even of a refused document: its author looks for it.
std::string id_in(const std::string& document) {
  boost::system::error_code ec;
  const auto loose = boost::json::parse(document, ec);
  if (ec || !loose.is_object()) return {};
  const auto* at = loose.as_object().if_contains("id");
  return at != nullptr && at->is_string() ? std::string(at->as_string()).substr(0, 64)
                                          : std::string();
}

constexpr std::string_view kNoVault =
    "this installation keeps no mailboxes: its engines have no [vault] (hongyan vault keygen)";

}  // namespace

Intake::Intake(async::Executor executor, Options options)
    : executor_(executor),
      options_(std::move(options)),
      client_(executor, options_.redis),
      store_(client_),
      policy_(intake_policy(options_.config->fleet)) {}

std::string Intake::Entry::field(std::string_view name) const {
  for (const auto& [key, value] : fields)
    if (key == name) return value;
  return {};
}

async::Task<bool> Intake::ensure_groups() {
  for (const std::string_view stream : {store::keys::kJobs, store::keys::kControl}) {
    auto made = co_await client_.call(std::move(Command("XGROUP")
                                                    .arg("CREATE")
                                                    .arg(stream)
                                                    .arg(store::keys::kGroup)
                                                    .arg("0")
                                                    .arg("MKSTREAM")),
                                      async::Deadline::in(5s));
    if (!made || (made->is_error() && made->error_code() != "BUSYGROUP")) co_return false;
  }
  co_return true;
}

async::Task<> Intake::close() {
  co_await client_.close();
}

async::Task<> Intake::run(const async::TaskGroup& owner) {
  (void)co_await client_.connect(async::Deadline::in(5s));
  bool grouped = false;
  SteadyTime next_take_over{};
  while (!owner.stopping()) {
    if (!client_.connected() || !options_.may_take()) {
      grouped = grouped && client_.connected();
      co_await async::sleep_for(100ms);
      continue;
    }
    if (!grouped) grouped = co_await ensure_groups();
    if (!grouped) {
      co_await async::sleep_for(500ms);
      continue;
    }
    for (auto& entry : co_await read_new(store::keys::kControl, Millis{0}))
      co_await take_control(std::move(entry));
    for (auto& entry : co_await read_new(store::keys::kJobs, kBlock)) {
      // While the read waited another configuration may have been published, with other prices.
      if (options_.may_take())
        co_await take_job(std::move(entry));
      else
        co_await hand_back(store::keys::kJobs, std::move(entry.id));
    }
    if (std::chrono::steady_clock::now() < next_take_over) continue;
    next_take_over = async::Deadline::in(2s).at;
    for (auto& entry : co_await take_over(store::keys::kJobs)) co_await take_job(std::move(entry));
    for (auto& entry : co_await take_over(store::keys::kControl))
      co_await take_control(std::move(entry));
  }
}

// A list of entries as XREADGROUP and XAUTOCLAIM give them.
static std::vector<std::pair<std::string, std::vector<std::pair<std::string, std::string>>>>
entries_of(const redis::Reply& list) {
  std::vector<std::pair<std::string, std::vector<std::pair<std::string, std::string>>>> entries;
  for (const auto& one : list.array()) {
    std::vector<std::pair<std::string, std::string>> fields;
    const auto flat = one[1].array();
    for (std::size_t i = 0; i + 1 < flat.size(); i += 2)
      fields.emplace_back(flat[i].text(), flat[i + 1].text());
    entries.emplace_back(std::string(one[0].text()), std::move(fields));
  }
  return entries;
}

async::Task<std::vector<Intake::Entry>> Intake::read_new(std::string_view stream, Millis block) {
  Command command("XREADGROUP");
  command.arg("GROUP").arg(store::keys::kGroup).arg(options_.engine).arg("COUNT").arg(8);
  if (block.count() > 0) command.arg("BLOCK").arg(block.count());
  command.arg("STREAMS").arg(stream).arg(">");
  auto reply = co_await client_.call(std::move(command), async::Deadline::in(block + 5s));
  std::vector<Entry> entries;
  if (!reply || reply->is_error() || reply->is_nil()) {
    // The streams may have been deleted under us: groups are made anew.
    if (reply && reply->is_error() && reply->error_code() == "NOGROUP")
      (void)co_await ensure_groups();
    if (!reply || reply->is_error()) co_await async::sleep_for(100ms);
    co_return entries;
  }
  for (auto& [id, fields] : entries_of((*reply)[0][1]))
    entries.push_back({std::move(id), std::move(fields)});
  co_return entries;
}

async::Task<std::vector<Intake::Entry>> Intake::take_over(std::string_view stream) {
  std::vector<Entry> entries;
  auto reply = co_await store_.call(std::move(Command("XAUTOCLAIM")
                                                  .arg(stream)
                                                  .arg(store::keys::kGroup)
                                                  .arg(options_.engine)
                                                  .arg(kTakeOver.count())
                                                  .arg("0")
                                                  .arg("COUNT")
                                                  .arg(8)));
  if (!reply) co_return entries;
  for (auto& [id, fields] : entries_of((*reply)[1])) {
    auto pending = co_await store_.call(
        std::move(Command("XPENDING").arg(stream).arg(store::keys::kGroup).arg(id).arg(id).arg(1)));
    Entry entry{id, std::move(fields)};
    if (pending && (*pending)[0][3].integer() > kMostDeliveries) {
      // Whoever took it died of it. Nobody tries a sixth time.
      log::error("poison-entry", {{"stream", stream}, {"entry", id}});
      if (co_await refuse(entry, "", {"the entry was delivered five times without an outcome"}))
        co_await done(stream, id);
      continue;
    }
    entries.push_back(std::move(entry));
  }
  co_return entries;
}

async::Task<> Intake::hand_back(std::string_view stream, std::string entry_id) {
  (void)co_await store_.call(std::move(Command("XCLAIM")
                                           .arg(stream)
                                           .arg(store::keys::kGroup)
                                           .arg(options_.engine)
                                           .arg(0)
                                           .arg(entry_id)
                                           .arg("IDLE")
                                           .arg(kTakeOver.count())
                                           .arg("JUSTID")));
}

async::Task<> Intake::done(std::string_view stream, std::string entry_id) {
  (void)co_await store_.call(
      std::move(Command("XACK").arg(stream).arg(store::keys::kGroup).arg(entry_id)));
  (void)co_await store_.call(std::move(Command("XDEL").arg(stream).arg(entry_id)));
}

async::Task<bool> Intake::refuse(const Entry& entry, std::string job_id,
                                 std::vector<std::string> faults) {
  ++stats_.refused;
  boost::json::array list;
  for (const std::string& fault : faults) list.emplace_back(fault);
  const std::string document = entry.field("job");
  const SystemClock clock;
  log::warning(
      "job-refused",
      {{"entry", entry.id}, {"job", job_id}, {"faults", faults.size()}, {"first", faults.front()}});
  Command command("XADD");
  command.arg(store::keys::kDead).arg("MAXLEN").arg("~");
  command.arg(options_.config->fleet.retention.dead).arg("*");
  command.arg("at").arg(to_unix_ms(clock.wall())).arg("entry").arg(entry.id).arg("id").arg(job_id);
  command.arg("digest").arg(job::sha256_hex(document));
  const std::string told = boost::json::serialize(list);
  command.arg("faults").arg(told);
  command.arg("job").arg(std::string_view(document).substr(0, kDeadBytes));
  const auto added = co_await store_.call(std::move(command));
  if (!added || !is_job_id(job_id)) co_return added.has_value();
  // hongyan:dead holds documents of all tenants; who submitted this one reads its faults here.
  const auto answered =
      co_await store_.call(std::move(Command("SET")
                                         .arg(store::keys::refusal(job_id, entry.id))
                                         .arg(told)
                                         .arg("EX")
                                         .arg(kRefusalSeconds)));
  co_return answered.has_value();
}

async::Task<> Intake::take_job(Entry entry) {
  const std::string document = entry.field("job");
  const auto settle = [&](std::string id, std::vector<std::string> faults) -> async::Task<> {
    if (co_await refuse(entry, std::move(id), std::move(faults)))
      co_await done(store::keys::kJobs, entry.id);
  };
  if (document.empty()) {
    co_await settle("", {"the entry has no field `job` with a document"});
    co_return;
  }
  if (mailbox::is_letter(document)) {
    co_await take_letter(std::move(entry));
    co_return;
  }
  auto job = job::parse_job(document, policy_);
  if (!job) {
    co_await settle(id_in(document), sentences(job.error()));
    co_return;
  }
  const config::Channel& channel = options_.config->fleet.channels.at(job->channel);
  const auto messages = compile_messages(*job, channel);
  if (!messages) {
    co_await settle(job->id, sentences(messages.error()));
    co_return;
  }
  // Who has an account is prepaid, whatever the configuration says.
  const auto account =
      co_await store_.call(std::move(Command("EXISTS").arg(store::keys::account(job->tenant))));
  if (!account) co_return;  // the entry stays ours and is tried again
  const bool prepaid =
      options_.config->fleet.tenants.at(job->tenant).prepaid || account->integer() == 1;
  const SystemClock clock;
  const std::int64_t now = to_unix_ms(clock.wall());
  const std::int64_t send_at = job->send_at ? to_unix_ms(*job->send_at) : 0;
  store::IntakeRecord record{job->id, job->digest, document, {}};
  const auto put = [&](std::string name, std::string value) {
    record.fields.emplace_back(std::move(name), std::move(value));
  };
  put("tenant", job->tenant);
  put("channel", job->channel);
  put("subject", job->subject.substr(0, 200));
  std::string variants;
  for (const std::string& name : messages->names) variants += (variants.empty() ? "" : ",") + name;
  if (!variants.empty()) put("variants", variants);
  put("priority", std::to_string(job->priority));
  put("price_micro_yuan", std::to_string(channel.price.value));
  put("prepaid", prepaid ? "1" : "0");
  put("send_at", std::to_string(send_at));
  put("expires_at",
      job->expires_after
          ? std::to_string(std::max(send_at, now) +
                           std::chrono::duration_cast<Millis>(*job->expires_after).count())
          : "0");
  put("max_spend_micro_yuan", std::to_string(job->max_spend ? job->max_spend->value : 0));
  put("hold_doubt", job->in_doubt == job::InDoubt::kHold ? "1" : "0");
  put("doubt_delay_ms", std::to_string(channel.in_doubt_delay.count()));
  put("inline", job->recipients.inlined() ? "1" : "0");
  put("tracked", job->track_opens || job->track_clicks ? "1" : "0");
  put("outcome_events", job->events ? "1" : "0");
  std::random_device device;
  put("fingerprint_key", std::to_string((std::uint64_t{device()} << 32 | device()) >> 1));

  const auto verdict = co_await store_.intake(std::move(record));
  if (!verdict) co_return;  // the entry stays ours and is tried again
  switch (*verdict) {
    case store::IntakeVerdict::kDiffers:
      co_await settle(job->id, {"id: '" + job->id + "' is in use by a job with other content"});
      co_return;
    case store::IntakeVerdict::kTombstone:
      co_await settle(job->id,
                      {"id: '" + job->id + "' was used by a job that has been removed since"});
      co_return;
    case store::IntakeVerdict::kCreated:
      ++stats_.accepted;
      break;
    case store::IntakeVerdict::kSame:
      ++stats_.repeated;
      break;
  }
  auto indexed = co_await store_.call(
      std::move(Command("ZADD").arg(store::keys::kIndex).arg("NX").arg(now).arg(job->id)));
  if (!indexed) co_return;
  auto returns = co_await store_.call(std::move(
      Command("HSET").arg(store::keys::kReturns).arg(identity::job_ref(job->id)).arg(job->id)));
  if (!returns) co_return;
  // An ended job that is submitted again must not become active again; `same` of a live one may.
  auto ended =
      co_await store_.call(std::move(Command("ZSCORE").arg(store::keys::kEnded).arg(job->id)));
  if (!ended) co_return;
  if (ended->is_nil()) {
    auto active =
        co_await store_.call(std::move(Command("SADD").arg(store::keys::kActive).arg(job->id)));
    if (!active) co_return;
  }
  if (*verdict == store::IntakeVerdict::kCreated)
    log::info("job-accepted",
              {{"job", job->id}, {"tenant", job->tenant}, {"channel", job->channel}});
  co_await done(store::keys::kJobs, entry.id);
}

async::Task<> Intake::take_letter(Entry entry) {
  const std::string document = entry.field("job");
  Faults faults;
  if (options_.office == nullptr) {
    faults.push_back({"mailbox", std::string(kNoVault), {}});
  } else {
    auto judged = co_await options_.office->take_letter(document);
    if (!judged) co_return;  // the entry stays ours and is tried again
    faults = *std::move(judged);
  }
  if (faults.empty()) {
    ++stats_.accepted;
    co_await done(store::keys::kJobs, entry.id);
  } else if (co_await refuse(entry, id_in(document), sentences(faults))) {
    co_await done(store::keys::kJobs, entry.id);
  }
}

// Carried out once at most: it leaves the queue before, and takes its secret along.
async::Task<> Intake::take_order(Entry entry) {
  co_await done(store::keys::kControl, entry.id);
  mailbox::Orders::Order order;
  for (auto& [name, value] : entry.fields) order.emplace(name, std::move(value));
  if (options_.office != nullptr) {
    ++stats_.control_done;
    options_.office->carry_out(std::move(order));
    co_return;
  }
  ++stats_.control_refused;
  boost::json::object data{{"op", entry.field("op")}, {"answer", kNoVault}};
  (void)co_await store::publish_event(store_,
                                      {"control.refused", "", "", boost::json::serialize(data)},
                                      options_.config->fleet.retention.events);
}

async::Task<> Intake::take_plan_order(Entry entry) {
  plan::Orders::Order order;
  for (const auto& [name, value] : entry.fields) order.emplace(name, value);
  if (!co_await options_.plans.carry_out(std::move(order))) co_return;  // tried again
  ++stats_.control_done;
  co_await done(store::keys::kControl, entry.id);
}

async::Task<> Intake::take_control(Entry entry) {
  const std::string op = entry.field("op");
  if (plan::Orders::is_order(op)) {
    co_await take_plan_order(std::move(entry));
    co_return;
  }
  if (mailbox::Orders::is_order(op)) {
    co_await take_order(std::move(entry));
    co_return;
  }
  const std::string job = entry.field("job");
  const std::string actor = entry.field("actor");
  const std::string reason = entry.field("reason");
  const std::string budget_text = entry.field("budget");
  std::int64_t budget = -1;
  std::from_chars(budget_text.data(), budget_text.data() + budget_text.size(), budget);
  std::string answer;
  if (!is_job_id(job)) {
    answer = "`job` must be a job's id";
  } else if (op != "pause" && op != "resume" && op != "cancel") {
    answer = "`op` must be pause, resume or cancel";
  } else {
    const auto done_or_why =
        co_await store_.control(job, op, actor.empty() ? "unknown" : actor, reason, budget);
    if (!done_or_why) co_return;  // tried again
    answer = *done_or_why;
  }
  const bool fine = answer == "done" || answer == "kept";
  ++(fine ? stats_.control_done : stats_.control_refused);
  boost::json::object data{{"op", op}, {"actor", actor}, {"reason", reason}, {"answer", answer}};
  (void)co_await store::publish_event(
      store_, {fine ? "control.done" : "control.refused", "", job, boost::json::serialize(data)},
      options_.config->fleet.retention.events);
  log::info("control", {{"job", job}, {"op", op}, {"actor", actor}, {"answer", answer}});
  co_await done(store::keys::kControl, entry.id);
}

}  // namespace hongyan::engine
