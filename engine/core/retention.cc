#include "engine/core/retention.h"

#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "engine/identity/message_tag.h"
#include "store/keys.h"

namespace hongyan::engine {
namespace {

using redis::Command;

constexpr int kBuryBatch = 200;
constexpr int kKeysAStep = 1000;
constexpr int kEntriesAStep = 1000;
constexpr Millis kListWithoutJob = std::chrono::days(7);

// Names of the attachments that lie in keys of their own.
std::vector<std::string> blob_names(std::string_view document) {
  std::vector<std::string> names;
  const auto json = parse_json(document);
  const Json* attachments = json ? json->find("attachments") : nullptr;
  if (attachments == nullptr) return names;
  for (const Json& one : attachments->items()) {
    const Json* key = one.find("key");
    const auto at = key != nullptr ? key->text().find("}:blob:") : std::string::npos;
    if (at != std::string::npos) names.push_back(key->text().substr(at + 7));
  }
  return names;
}

// "hongyan:{ID}:recipients" -> "ID"
std::string id_of(std::string_view list_key) {
  const auto begin = list_key.find('{') + 1;
  return std::string(list_key.substr(begin, list_key.rfind('}') - begin));
}

}  // namespace

Retention::Retention(std::shared_ptr<const config::Config> config, store::JobStore& store)
    : config_(std::move(config)),
      calendar_(config_->fleet.billing_timezone),
      store_(store),
      money_(store) {}

async::Task<> Retention::step() {
  co_await bury_job();
  co_await expire_lists();
  co_await drop_ledger_days();
}

// The data of one ended job go after [retention] jobs, some chunks at a time.
async::Task<> Retention::bury_job() {
  const SystemClock clock;
  const std::int64_t before = to_unix_ms(clock.wall()) - config_->fleet.retention.jobs.count();
  auto old = co_await store_.call(std::move(Command("ZRANGEBYSCORE")
                                                .arg(store::keys::kEnded)
                                                .arg("-inf")
                                                .arg(before)
                                                .arg("LIMIT")
                                                .arg(0)
                                                .arg(1)));
  if (!old || old->array().empty()) co_return;
  const std::string id(old->array()[0].text());
  const auto view = co_await store_.view(id);
  if (!view) co_return;
  const std::int64_t chunks = view->number("chunks");
  for (std::int64_t first = 0; first < chunks; first += kBuryBatch) {
    Command erase("FCALL");
    erase.arg("h1_erase").arg(1).arg(store::keys::job(id)).arg(first).arg(kBuryBatch);
    if (!co_await store_.call(std::move(erase))) co_return;
  }
  const auto document =
      co_await store_.call(std::move(Command("GET").arg(store::keys::of_job(id, "doc"))));
  if (!document) co_return;
  Command bury("FCALL");
  bury.arg("h1_bury").arg(1).arg(store::keys::job(id));
  bury.arg(config_->fleet.retention.ledger.count());
  for (const std::string& name : blob_names(document->text())) bury.arg(name);
  if (!co_await store_.call(std::move(bury))) co_return;
  (void)co_await store_.call(
      std::move(Command("HDEL").arg(store::keys::kEventNumbers).arg("job:" + id)));
  // What made its allotments repeatable; before the burial an operator could still wake the job,
  // and its money would come back twice.
  if (view->number("prepaid") == 1)
    (void)co_await store_.call(std::move(Command("HDEL")
                                             .arg(store::keys::account(view->text("tenant")))
                                             .arg("loan:" + id)
                                             .arg("back:" + id)));
  (void)co_await store_.call(
      std::move(Command("HDEL").arg(store::keys::kReturns).arg(identity::job_ref(id))));
  (void)co_await store_.call(std::move(Command("ZREM").arg(store::keys::kIndex).arg(id)));
  (void)co_await store_.call(std::move(Command("ZREM").arg(store::keys::kEnded).arg(id)));
  log::info("job-removed", {{"job", id}});
}

// A list may be pushed before its job. One that no job came for goes after a week: producers need
// not think of it.
async::Task<> Retention::expire_lists() {
  auto page = co_await store_.call(std::move(Command("SCAN")
                                                 .arg(keys_seen_)
                                                 .arg("MATCH")
                                                 .arg("hongyan:{*}:recipients")
                                                 .arg("COUNT")
                                                 .arg(kKeysAStep)
                                                 .arg("TYPE")
                                                 .arg("list")));
  if (!page) co_return;
  keys_seen_ = std::string((*page)[0].text());
  for (const auto& key : (*page)[1].array()) {
    Command expire("FCALL");
    expire.arg("h1_expire_list").arg(1).arg(store::keys::job(id_of(key.text())));
    expire.arg(kListWithoutJob.count());
    if (!co_await store_.call(std::move(expire))) co_return;
  }
}

// Days of the ledger go after [retention] ledger; what billing exports as totals stays.
async::Task<> Retention::drop_ledger_days() {
  if (tenants_.empty()) {
    auto all = co_await money_.tenants();
    if (!all || all->empty()) co_return;
    tenants_ = std::move(*all);
    entries_seen_ = "0";
  }
  const std::string ledger = store::keys::ledger(tenants_.back());
  auto page = co_await store_.call(
      std::move(Command("HSCAN").arg(ledger).arg(entries_seen_).arg("COUNT").arg(kEntriesAStep)));
  if (!page) co_return;
  entries_seen_ = std::string((*page)[0].text());
  if (entries_seen_ == "0") tenants_.pop_back();
  const SystemClock clock;
  const std::string oldest = calendar_.day_at(clock.wall() - config_->fleet.retention.ledger).today;
  const auto fields = (*page)[1].array();
  Command drop("HDEL");
  drop.arg(ledger);
  bool any = false;
  for (std::size_t i = 0; i + 1 < fields.size(); i += 2) {
    const auto parts = split(fields[i].text(), '|');
    const bool entry = parts[0] == "entry" && parts.size() == 3;
    if (!entry && !(parts[0] == "total" && parts.size() == 4)) continue;
    if (parts[1] >= oldest) continue;
    if (entry) {
      // A job that still reports its days would have this one counted again.
      const std::string job(parts[2]);
      const auto alive =
          co_await store_.call(std::move(Command("EXISTS").arg(store::keys::of_job(job, "days"))));
      if (!alive || alive->integer() == 1) continue;
      drop.arg("seq|" + job);
    }
    drop.arg(fields[i].text());
    any = true;
  }
  if (any) (void)co_await store_.call(std::move(drop));
}

}  // namespace hongyan::engine
