#include "engine/core/supervisor.h"

#include "base/json.h"
#include "base/log.h"
#include "metrics/catalogue.h"
#include "store/events.h"
#include "store/keys.h"
#include "store/redis/info.h"

#include <algorithm>

namespace hongyan::engine {
namespace {

using namespace std::chrono_literals;
using redis::Command;

constexpr auto kRound = 150ms;
constexpr auto kSlowRound = 1s;
constexpr Millis kSourceLease{5000};
constexpr auto kOwnershipLook = 5s;
constexpr int kTickChunks = 64;
// An allotment: enough for a second or two at full speed, little enough to come back soon.
constexpr std::int64_t kAllotmentMessages = 5000;
constexpr int kEventPage = 500;
constexpr int kMostEventPages = 20;  // a round

constexpr std::array<const char*, 13> kStates{
    "queued",     "claimed", "in_flight", "in_doubt", "deferred",  "delivered", "bounced",
    "suppressed", "invalid", "duplicate", "expired",  "cancelled", "held"};

// What an event suppression.added of a job asks for.
store::Suppression suppression_of(const Json& data, const Json& at, const std::string& job) {
  const auto text = [&](std::string_view name) {
    const Json* member = data.find(name);
    return member == nullptr ? std::string() : member->text();
  };
  return {store::suppressed_address(text("address")), text("reason"), "job " + job,
          std::atoll(at.text().c_str())};
}

}  // namespace

Supervisor::Supervisor(async::Executor executor, Options options, redis::Client& client,
                       std::vector<Worker*> workers)
    : executor_(executor),
      options_(std::move(options)),
      store_(client),
      money_(store_),
      lanes_(store_),
      suppressions_(store_),
      hold_(store_, options_.engine),
      book_(options_.config, options_.keys, store_, options_.secret),
      retention_(options_.config, store_),
      workers_(std::move(workers)),
      sheet_(*options_.registry),
      probe_seconds_(sheet_.histogram(metrics::kRedisCallSeconds, {"probe"})) {
  // A counter that begins with its first trip would show no increase of it.
  for (const auto& [name, channel] : options_.config->fleet.channels) overview_.trips[name] = 0;
}

async::Task<> Supervisor::run(const async::TaskGroup& owner) {
  SteadyTime next_slow{};
  while (!owner.stopping()) {
    const SteadyTime begun = std::chrono::steady_clock::now();
    if (store_.client().connected()) {
      if (begun >= next_slow || !hold_.knows_redis()) {
        next_slow = begun + kSlowRound;
        co_await slow_round();
      }
      if (hold_.knows_redis()) co_await round();
    }
    co_await async::sleep_until(begun + kRound);
  }
}

// The hold, ownership of sources, memory, heartbeat, old jobs: once a second.
async::Task<> Supervisor::slow_round() {
  co_await hold_.look();
  if (!hold_.knows_redis() || !hold_.gone_back().empty()) co_return;
  for (const std::string& source : options_.config->local.sources_here) {
    const SteadyTime asked = std::chrono::steady_clock::now();
    if (!options_.may_take()) break;
    auto owned = co_await lanes_.own_source(source, options_.engine, kSourceLease);
    if (owned && owned->mine) {
      if (!sources_.contains(source)) log::info("source-owned", {{"source", source}});
      sources_[source] = asked + kSourceLease;
      if (!owned->signs.empty()) worker_of(source).note_late(std::move(owned->signs));
    } else if (owned) {
      sources_.erase(source);
    }
  }
  co_await look_at_memory();
  if (const SteadyTime now = std::chrono::steady_clock::now(); now >= next_ownership_look_) {
    next_ownership_look_ = now + kOwnershipLook;
    std::vector<std::string> all;
    for (const auto& [name, source] : options_.config->fleet.sources) all.push_back(name);
    if (auto owned = co_await lanes_.sources_owned(std::move(all)))
      sources_owned_ = std::move(*owned);
  }
  const std::int64_t now_ms = to_unix_ms(SystemClock().wall());
  const auto beaten = co_await store_.call(std::move(Command("HSET")
                                                         .arg(store::keys::kEngines)
                                                         .arg(options_.engine)
                                                         .arg(options_.heartbeat(now_ms))));
  if (beaten) hold_.wrote(now_ms);
  (void)co_await store_.call(std::move(
      Command("HSET").arg(store::keys::kLanes).arg(options_.engine).arg(options_.lanes())));
  co_await retention_.step();
  sheet_.flush();
}

// It is also the probe of how fast Redis answers: one small call a second, busy or not.
async::Task<> Supervisor::look_at_memory() {
  const SteadyTime begun = std::chrono::steady_clock::now();
  auto info = co_await store_.call(std::move(Command("INFO").arg("memory")));
  sheet_.observe_since(probe_seconds_, begun);
  if (!info) co_return;
  const redis::Info memory(info->text());
  const std::int64_t most = memory.number("maxmemory");
  const std::int64_t used = memory.number("used_memory");
  const double ratio = most > 0 ? static_cast<double>(used) / static_cast<double>(most) : 0;
  if (ratio >= 0.80 && memory_ratio_.load() < 0.80)
    log::warning("redis-nearly-full", {{"ratio", ratio}});
  memory_ratio_.store(ratio);
}

std::size_t Supervisor::worker_number(const std::string& source) const {
  const auto& here = options_.config->local.sources_here;
  return static_cast<std::size_t>(std::ranges::find(here, source) - here.begin()) % workers_.size();
}

async::Task<> Supervisor::release_sources() {
  for (const auto& [source, until] : sources_)
    (void)co_await lanes_.disown_source(source, options_.engine);
  for (const auto key : {store::keys::kEngines, store::keys::kLanes})
    (void)co_await store_.call(std::move(Command("HDEL").arg(key).arg(options_.engine)));
}

async::Task<> Supervisor::round() {
  auto active = co_await store_.call(std::move(Command("SMEMBERS").arg(store::keys::kActive)));
  if (!active) co_return;
  next_ = Overview{};
  next_.trips = overview_.trips;
  for (const auto& [name, channel] : options_.config->fleet.channels) next_.due_chunks[name] = 0;
  std::vector<JobUpdate> updates;
  std::map<std::string, bool> present;
  for (const auto& id : active->array()) {
    present[std::string(id.text())] = true;
    if (!co_await look_after(std::string(id.text()), updates)) break;
  }
  std::erase_if(watched_, [&](const auto& entry) { return !present.contains(entry.first); });
  next_.memory_ratio = memory_ratio_.load();
  overview_ = std::move(next_);
  first_round_ = false;
  if (!hold_.knows_redis()) co_return;  // what was asked for may be another Redis' answer

  const SteadyTime now = std::chrono::steady_clock::now();
  std::vector<std::vector<std::string>> shares(workers_.size());
  for (const std::string& source : options_.config->local.sources_here) {
    const auto owned = sources_.find(source);
    if (owned != sources_.end() && owned->second > now)
      shares[worker_number(source)].push_back(source);
  }
  for (std::size_t i = 0; i < workers_.size(); ++i) workers_[i]->update(updates, shares[i]);
}

// False: Redis is away.
async::Task<bool> Supervisor::look_after(std::string id, std::vector<JobUpdate>& updates) {
  const auto ticked = co_await store_.tick(id, kTickChunks);
  if (!ticked) co_return ticked.error().code == "redis-refused";
  const auto view = co_await store_.view(id);
  if (!view) co_return view.error().code == "redis-refused";
  Watched& watched = watched_[id];
  if (!view->exists() || view->number("tombstone") == 1) {
    (void)co_await store_.call(std::move(Command("SREM").arg(store::keys::kActive).arg(id)));
    co_return true;
  }
  count(*view);
  co_await roll_up(id, *view, watched);
  co_await publish(id, *view, watched);
  co_await lend(id, *view, watched);
  const std::string state = view->text("state");
  // What was tripped before this engine started is no news.
  if (state == "tripped" && !watched.tripped && !first_round_) {
    ++next_.trips[view->text("channel")];
    log::warning("breaker-tripped", {{"job", id}, {"reason", view->text("reason")}});
  }
  watched.tripped = state == "tripped";
  if (view->number("ended_at") > 0) {
    // First what h1_tick still has to do (fingerprints dropped in small steps).
    const bool tidy = !*ticked || !(*ticked)->work_left;
    if (tidy && co_await close(id, *view)) book_.forget(id);
    co_return true;
  }
  if (!options_.may_take()) co_return true;
  auto plan = co_await book_.plan(id);
  if (!plan) {
    if (plan.error().code == "bad-job")
      log::error("job-not-sendable", {{"job", id}, {"what", plan.error().detail}});
    co_return true;
  }
  JobUpdate update;
  update.plan = *plan;
  const WallTime now = from_unix_ms(view->now_ms);
  const bool open = !(*plan)->window || job::is_open(*(*plan)->window, now);
  update.may_send = state == "running" && open && memory_ratio_.load() < 0.95 && hold_.may_send();
  const std::int64_t evidence = view->number("breaker_n");
  update.out = view->number("in_flight") + view->number("in_doubt");
  if (evidence < 50) update.out += view->number("deferred");
  update.untried = view->number("queued") + view->number("in_flight");
  update.allowed_out = std::max<std::int64_t>(50, evidence);
  for (const auto& group : view->groups)
    if (group.due > 0) {
      update.groups.push_back({group.id, group.domain, group.due});
      if (update.may_send) next_.due_chunks[view->text("channel")] += group.due;
    }
  updates.push_back(std::move(update));
  co_return true;
}

void Supervisor::count(const store::JobView& view) {
  const std::string channel = view.text("channel");
  for (const char* state : kStates) next_.recipients[{channel, state}] += view.number(state);
  ++next_.jobs[view.text("state")];
  auto& [n, bad] = next_.evidence[channel];
  n += view.number("breaker_n");
  bad += view.number("breaker_bad");
}

// A prepaid job is lent what it needs for the next second or two.
async::Task<> Supervisor::lend(std::string id, const store::JobView& view, Watched& watched) {
  if (view.number("prepaid") != 1) co_return;
  const std::string state = view.text("state");
  if (state != "running" && state != "unfunded") co_return;
  const SteadyTime now = std::chrono::steady_clock::now();
  if (now < watched.next_lend) co_return;
  const MicroYuan price{view.number("price_micro_yuan")};
  const std::int64_t lent = view.number("lent_micro_yuan") - view.number("returned_micro_yuan");
  const std::int64_t free =
      lent - view.number("charged_micro_yuan") - view.number("reserved_micro_yuan");
  std::int64_t waiting = view.number("queued") + view.number("claimed") + view.number("deferred") +
                         view.number("in_doubt");
  std::int64_t want = std::min(waiting, kAllotmentMessages) * price.value;
  if (const std::int64_t most = view.number("max_spend_micro_yuan"); most > 0)
    want = std::min(want, most - lent + free);
  if (price.value <= 0 || free >= std::max(want / 2, price.value)) co_return;
  const std::int64_t number = view.number("lend_number") + 1;
  const std::string tenant = view.text("tenant");
  const auto known = options_.config->fleet.tenants.find(tenant);
  const MicroYuan low =
      known == options_.config->fleet.tenants.end() ? MicroYuan{} : known->second.low_balance;
  const auto loan = co_await money_.lend(tenant, id, number,
                                         MicroYuan{std::max(want - free, price.value)}, price, low);
  if (!loan) co_return;
  if (loan->low) {
    log::warning("balance-low", {{"tenant", tenant}, {"left_micro_yuan", loan->left.value}});
    const Json data =
        Json::object({{"free_micro_yuan", Json::number(std::to_string(loan->left.value))},
                      {"low_micro_yuan", Json::number(std::to_string(low.value))}});
    (void)co_await store::publish_event(store_, {"balance.low", tenant, "", to_json(data)},
                                        options_.config->fleet.retention.events);
  }
  if (loan->amount.value > 0) {
    (void)co_await money_.fund(id, number, loan->amount);
  } else {
    watched.next_lend = now + 1s;
    if (free < price.value && state == "running") {
      (void)co_await money_.mark_unfunded(id);
      log::warning("job-unfunded", {{"job", id}, {"tenant", tenant}});
    }
  }
}

async::Task<> Supervisor::roll_up(std::string id, const store::JobView& view, Watched& watched) {
  const std::int64_t seq = view.number("charge_seq");
  const SteadyTime now = std::chrono::steady_clock::now();
  if (seq == 0 || seq == watched.rolled_seq) {
    watched.lag_since = {};
    co_return;
  }
  if (watched.lag_since == SteadyTime{}) watched.lag_since = now;
  const auto rolled = co_await money_.roll_up(id, view.text("tenant"), view.text("channel"),
                                              view.number("price_micro_yuan"), seq);
  if (rolled) {
    watched.rolled_seq = seq;
    watched.lag_since = {};
  } else {
    next_.rollup_lag_seconds = std::max(
        next_.rollup_lag_seconds, std::chrono::duration<double>(now - watched.lag_since).count());
  }
}

async::Task<> Supervisor::publish(std::string id, const store::JobView& view, Watched& watched) {
  const std::int64_t emitted = view.number("events_emitted");
  if (emitted == watched.published) co_return;
  // A job that tells each outcome fills its outbox fast; other jobs want to be looked after too.
  for (int page = 0; page < kMostEventPages; ++page) {
    const auto published = co_await publish_page(id, view.text("tenant"));
    if (!published) co_return;
    if (*published < kEventPage) {
      watched.published = emitted;
      co_return;
    }
  }
}

// Moves the first events of a job's outbox to hongyan:events; how many.
async::Task<Result<int>> Supervisor::publish_page(std::string id, std::string tenant) {
  auto items = co_await store_.call(std::move(
      Command("LRANGE").arg(store::keys::of_job(id, "outbox")).arg(0).arg(kEventPage - 1)));
  if (!items) co_return std::unexpected(items.error());
  const auto list = items->array();
  if (list.empty()) co_return 0;
  Command command("FCALL");
  command.arg("h1_publish").arg(2).arg(store::keys::kEvents).arg(store::keys::kEventNumbers);
  command.arg(options_.config->fleet.retention.events).arg(id);
  std::int64_t last = 0;
  std::vector<store::Suppression> suppressed;
  for (const auto& item : list) {
    const auto event = parse_json(item.text());
    if (!event) continue;
    const Json* n = event->find("n");
    const Json* type = event->find("type");
    const Json* at = event->find("at");
    const Json* data = event->find("data");
    if (n == nullptr || type == nullptr || at == nullptr || data == nullptr) continue;
    if (type->text() == "suppression.added") suppressed.push_back(suppression_of(*data, *at, id));
    last = std::max(last, static_cast<std::int64_t>(std::atoll(to_json(*n).c_str())));
    command.arg(to_json(*n)).arg(type->text()).arg(at->text());
    command.arg(tenant).arg(to_json(*data));
  }
  // First the effect, then the news of it: a crash in between repeats both.
  if (auto added = co_await suppressions_.add(tenant, std::move(suppressed)); !added)
    co_return std::unexpected(added.error());
  const auto published = co_await store_.call(std::move(command));
  if (!published) co_return std::unexpected(published.error());
  const auto done = co_await store_.call(
      std::move(Command("FCALL").arg("h1_outbox_done").arg(1).arg(store::keys::job(id)).arg(last)));
  if (!done) co_return std::unexpected(done.error());
  co_return static_cast<int>(list.size());
}

// The last rites of an ended job: money back, off the active list.
async::Task<bool> Supervisor::close(std::string id, const store::JobView& view) {
  if (view.number("charge_seq") != std::max<std::int64_t>(watched_[id].rolled_seq, 0))
    co_return false;
  if (view.number("events_emitted") != watched_[id].published) co_return false;
  if (view.number("prepaid") == 1 && !co_await money_.give_back(view.text("tenant"), id))
    co_return false;
  (void)co_await store_.call(
      std::move(Command("ZADD").arg(store::keys::kEnded).arg(view.number("ended_at")).arg(id)));
  (void)co_await store_.call(std::move(Command("SREM").arg(store::keys::kActive).arg(id)));
  // An operator may have settled a doubt in between, or a bounce may have come back: then there is
  // something to send, to charge or to tell again.
  const auto again = co_await store_.view(id);
  const auto grew = [&](std::string_view field) {
    return again->number(field) != view.number(field);
  };
  if (again && (again->number("ended_at") == 0 || grew("charge_seq") || grew("events_emitted")))
    (void)co_await store_.call(std::move(Command("SADD").arg(store::keys::kActive).arg(id)));
  log::info("job-ended", {{"job", id},
                          {"state", view.text("state")},
                          {"delivered", view.number("delivered")},
                          {"bounced", view.number("bounced")}});
  co_return true;
}

}  // namespace hongyan::engine
