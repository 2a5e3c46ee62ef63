#include "engine/core/lane_desk.h"

#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "engine/core/lane_feed.h"
#include "metrics/catalogue.h"

#include <fmt/format.h>

#include <algorithm>

namespace hongyan::engine {
namespace {

using namespace std::chrono_literals;
using scheduler::DeliveryHandle;

constexpr auto kTick = 10ms;
// Tokens are used at once or not at all, so that a grant of one second is not spent in another.
constexpr auto kTokenLife = 1s;
// A lane that is paused for longer gives its deliveries back to Redis.
constexpr auto kShortPause = 5s;
// What a rate-limited lane keeps at hand, in seconds of sending.
constexpr double kBacklogSeconds = 30;
constexpr std::size_t kFullLane = 2048;

DeliveryHandle handle_of(BulkDelivery& delivery) {
  return DeliveryHandle{reinterpret_cast<std::uintptr_t>(&delivery)};
}
BulkDelivery& delivery_of(DeliveryHandle handle) {
  return *reinterpret_cast<BulkDelivery*>(static_cast<std::uintptr_t>(handle));
}

bool is_among(const std::vector<std::string>& list, const std::string& name) {
  return std::ranges::find(list, name) != list.end();
}

// Which MX set a route leads to: connections are shared by all domains that have the same.
std::string route_key(const dns::Route& route) {
  std::vector<std::string> names;
  for (const auto& host : route.hosts) names.push_back(host.name);
  std::ranges::sort(names);
  std::string key = std::to_string(route.port);
  for (const auto& name : names) key += ' ' + name;
  return key;
}

std::string sentence_of(const smtp::OpenFailure& failure, const dns::Target& target) {
  std::string text = target.host + "[" + target.address.to_string() + "]: ";
  if (failure.reply.code != 0)
    return text + std::to_string(failure.reply.code) + ' ' + failure.reply.text;
  text += failure.cause;
  return failure.detail.empty() ? text : text + ": " + failure.detail;
}

// A source is its address: a message never leaves by another one, not even towards the other
// family.
bool same_family(const config::Source& source, const dns::Target& target) {
  if (source.address.empty()) return true;
  const auto local = IpAddress::parse(source.address);
  return !local || local->is_v4() == target.address.is_v4();
}

smtp::TlsMode smtp_mode(config::TlsMode mode) {
  switch (mode) {
    case config::TlsMode::kOff:
      return smtp::TlsMode::kOff;
    case config::TlsMode::kOpportunistic:
      return smtp::TlsMode::kOpportunistic;
    case config::TlsMode::kRequired:
      return smtp::TlsMode::kRequired;
    case config::TlsMode::kVerified:
      return smtp::TlsMode::kVerified;
  }
  return smtp::TlsMode::kVerified;
}

smtp::TimeLimits time_limits(const config::SmtpTimeouts& from) {
  smtp::TimeLimits limits;
  limits.connect = from.connect;
  limits.greeting = from.greeting;
  limits.ehlo = limits.auth = limits.mail = limits.rcpt = from.command;
  limits.tls = from.tls_handshake;
  limits.data = from.data_start;
  limits.block = from.content_block;
  limits.end_of_data = from.content_end;
  return limits;
}

}  // namespace

LaneDesk::LaneDesk(async::Executor executor, std::shared_ptr<const config::Config> config,
                   Settler& settler, store::LaneStore& store, OutcomeLog& log, WorkerStats& stats,
                   metrics::Sheet& sheet, OnGone on_gone)
    : executor_(executor),
      config_(std::move(config)),
      settler_(settler),
      store_(store),
      log_(log),
      stats_(stats),
      sheet_(sheet),
      phases_{sheet.histogram(metrics::kDeliveryPhaseSeconds, {"turn"}),
              sheet.histogram(metrics::kDeliveryPhaseSeconds, {"token"}),
              sheet.histogram(metrics::kDeliveryPhaseSeconds, {"connect"}),
              sheet.histogram(metrics::kDeliveryPhaseSeconds, {"transact"})},
      on_gone_(std::move(on_gone)),
      tasks_(executor, "lanes") {
  tasks_.spawn(tick());
}

LaneDesk::~LaneDesk() = default;

async::Task<> LaneDesk::stop() {
  draining_ = true;
  co_await tasks_.stop();
}

void LaneDesk::set_sources(std::vector<std::string> sources) {
  sources_ = std::move(sources);
}

bool LaneDesk::has_source(const std::vector<std::string>& wanted) const {
  return std::ranges::any_of(wanted, [&](const auto& one) { return is_among(sources_, one); });
}

std::string LaneDesk::relay_for(const JobPlan& plan) const {
  std::vector<const std::string*> relays;
  for (const std::string& source : plan.sources) {
    if (!is_among(sources_, source)) continue;
    if (!config_->fleet.sources.at(source).relay) return {};
    relays.push_back(&source);
  }
  return relays.empty() ? std::string() : *relays[random_() % relays.size()];
}

scheduler::LaneLimits LaneDesk::limits_for(const std::string& provider, bool named) const {
  if (named) {
    const auto at = config_->fleet.providers.find(provider);
    if (at != config_->fleet.providers.end()) return at->second.limits;
  }
  return config_->fleet.other.limits;
}

LaneDesk::LaneEntry& LaneDesk::entry_of(const scheduler::LaneKey& key, bool named) {
  auto& slot = entries_[key];
  if (!slot) {
    slot = std::make_unique<LaneEntry>();
    slot->key = key;
    slot->named = named;
    slot->source = &config_->fleet.sources.at(key.source);
    slot->wake = std::make_unique<async::Event>(executor_);
    tasks_.spawn(load_pace(key.provider, key.source));
  }
  return *slot;
}

scheduler::Lane& LaneDesk::lane_of(LaneEntry& entry) {
  if (auto* lane = table_.find_lane(entry.key)) return *lane;
  return table_.get_or_create(entry.key, limits_for(entry.key.provider, entry.named));
}

void LaneDesk::add(BulkDelivery& delivery) {
  const dns::Route& route = *delivery.route;
  const SteadyTime now = std::chrono::steady_clock::now();
  LaneEntry* best = nullptr;
  std::tuple<bool, std::size_t> best_load{};
  for (const std::string& source : delivery.job->plan->sources) {
    if (!is_among(sources_, source)) continue;
    // A relay takes what was routed to it; everything else leaves by sources that send themselves.
    const bool relays = config_->fleet.sources.at(source).relay.has_value();
    if (delivery.relay.empty() ? relays : delivery.relay != source) continue;
    LaneEntry& entry = entry_of({route.provider, source}, route.named);
    scheduler::Lane& lane = lane_of(entry);
    const std::tuple load(lane.pace().mode(now) == scheduler::Mode::kPaused, lane.waiting());
    if (best == nullptr || load < best_load) {
      best = &entry;
      best_load = load;
    }
  }
  if (best == nullptr) {
    give_back(delivery);
    return;
  }
  delivery.lane_source = best->key.source;
  const JobPlan& plan = *delivery.job->plan;
  lane_of(*best).push(plan.tenant_number, plan.number, plan.priority, handle_of(delivery));
  pump(*best);
}

bool LaneDesk::is_full(const JobPlan& plan, const dns::Route& route) const {
  const SteadyTime now = std::chrono::steady_clock::now();
  for (const std::string& source : plan.sources) {
    if (!is_among(sources_, source)) continue;
    auto* lane = const_cast<scheduler::LaneTable&>(table_).find_lane({route.provider, source});
    if (lane == nullptr) return false;
    const auto paused = lane->pace().paused_until(now);
    if (paused && *paused > now + kShortPause) continue;
    const auto rate = lane->pace().allowed_per_second(now);
    double room = static_cast<double>(kFullLane);
    if (rate) room = std::min(room, *rate * kBacklogSeconds);
    for (const auto& limit : lane->limits().rates)
      room = std::min(room, kBacklogSeconds * static_cast<double>(limit.count) * 1000 /
                                static_cast<double>(limit.per.count()));
    if (static_cast<double>(lane->waiting()) < std::max(room, 1.0)) return false;
  }
  return true;
}

// Lets a lane use what it may use now: tokens and connections.
void LaneDesk::pump(LaneEntry& entry) {
  if (draining_ || entry.pace_loading) return;
  const SteadyTime now = std::chrono::steady_clock::now();
  scheduler::Lane& lane = lane_of(entry);
  const std::int64_t wanted = lane.tokens_wanted(now);
  if (wanted > 0 && !entry.asking_tokens && entry.tokens_blocked_until <= now) {
    entry.asking_tokens = true;
    tasks_.spawn(ask_tokens(entry.key.provider, entry.key.source, wanted));
  }
  // Deliveries sorted into routes first: each route with something ready needs a connection.
  int budget = lane.wanted_connections(now) - entry.connections;
  for (auto& [key, queue] : entry.routes) {
    if (budget <= 0) break;
    if (!queue->ready.empty() && queue->connections == 0) {
      ++queue->connections;
      ++entry.connections;
      --budget;
      tasks_.spawn(run_connection(&entry, queue.get()));
    }
  }
  while (budget > 0 && lane.can_start(now)) {
    // The next delivery says where the next connection must lead.
    BulkDelivery* delivery = nullptr;
    while (delivery == nullptr) {
      const auto next = lane.pop(now);
      if (!next) break;
      BulkDelivery& popped = delivery_of(next->delivery);
      if (start(entry, popped)) delivery = &popped;
    }
    if (delivery == nullptr) break;
    RouteQueue& queue = queue_for(entry, delivery->route);
    queue.ready.push_back(delivery);
    if (queue.connections > static_cast<int>(queue.ready.size()) + 1) break;
    ++queue.connections;
    ++entry.connections;
    --budget;
    tasks_.spawn(run_connection(&entry, &queue));
  }
  entry.wake->notify_all();
}

void LaneDesk::wake_all() {
  for (auto& [key, entry] : entries_) entry->wake->notify_all();
}

LaneDesk::RouteQueue& LaneDesk::queue_for(LaneEntry& entry, const dns::RoutePtr& route) {
  auto& slot = entry.routes[route_key(*route)];
  if (!slot) slot = std::make_unique<RouteQueue>();
  slot->route = route;
  return *slot;
}

// Whether a popped delivery may go now. If not it is parked or given back.
bool LaneDesk::start(LaneEntry& entry, BulkDelivery& delivery) {
  HeldJob& job = *delivery.job;
  const SteadyTime now = std::chrono::steady_clock::now();
  const bool first = delivery.attempts == 0;
  if (!job.may_send || delivery.chunk->lost) {
    lane_of(entry).give_back();
    give_back(delivery);
    return false;
  }
  if (job.refused_until > now || (first && !job.breaker_allows())) {
    lane_of(entry).give_back();
    job.parked.push_back(&delivery);
    return false;
  }
  delivery.started_at = now;
  ++job.started;
  return true;
}

void LaneDesk::unstart(LaneEntry& entry, BulkDelivery& delivery) {
  lane_of(entry).give_back();
  --delivery.job->started;
  if (delivery.marked) --delivery.job->marked;
  delivery.marked = false;
}

// The next delivery for a connection of `queue`.
BulkDelivery* LaneDesk::take(LaneEntry& entry, RouteQueue& queue) {
  if (draining_) return nullptr;
  const SteadyTime now = std::chrono::steady_clock::now();
  scheduler::Lane& lane = lane_of(entry);
  for (int tries = 0; tries < 64; ++tries) {
    BulkDelivery* delivery = nullptr;
    if (!queue.ready.empty()) {
      delivery = queue.ready.front();
      queue.ready.pop_front();
      if (!delivery->job->may_send || delivery->chunk->lost) {
        unstart(entry, *delivery);
        give_back(*delivery);
        continue;
      }
    } else {
      if (!lane.can_start(now)) return nullptr;
      const auto next = lane.pop(now);
      if (!next) return nullptr;
      delivery = &delivery_of(next->delivery);
      if (!start(entry, *delivery)) continue;
      RouteQueue& right = queue_for(entry, delivery->route);
      if (&right != &queue) {
        // Another connection's: it is woken, or opened when the lane has room for one.
        right.ready.push_back(delivery);
        pump(entry);
        continue;
      }
    }
    if (auto built = delivery->render(take_buffers()); !built) {
      unstart(entry, *delivery);
      conclude_unsent(*delivery, store::Settlement::kInvalid, store::Evidence::kNone,
                      entry.key.provider,
                      std::string(built.error().code) + ": " + built.error().detail);
      continue;
    }
    return delivery;
  }
  return nullptr;
}

std::unique_ptr<message::Rendered> LaneDesk::take_buffers() {
  if (spare_buffers_.empty()) return std::make_unique<message::Rendered>();
  auto buffers = std::move(spare_buffers_.back());
  spare_buffers_.pop_back();
  return buffers;
}

async::Task<> LaneDesk::tick() {
  while (!tasks_.stopping()) {
    co_await async::sleep_for(kTick);
    for (auto& [key, entry] : entries_) {
      auto* lane = table_.find_lane(key);
      if (lane != nullptr && lane->waiting() > 0) pump(*entry);
    }
    log_.flush();
  }
}

async::Task<> LaneDesk::load_pace(std::string provider, std::string source) {
  const scheduler::LaneKey key{std::move(provider), std::move(source)};
  auto fields = co_await store_.load_pace(key.source, key.provider);
  const auto at = entries_.find(key);
  if (at == entries_.end()) co_return;
  LaneEntry& entry = *at->second;
  if (fields) {
    if (auto state = scheduler::PaceState::from_fields(*fields)) {
      const SystemClock clock;
      lane_of(entry).pace().restore(*state, clock.steady(), clock.wall());
    }
  }
  entry.pace_saved = lane_of(entry).pace().revision();
  entry.pace_loading = false;
  pump(entry);
}

async::Task<> LaneDesk::ask_tokens(std::string provider, std::string source, std::int64_t wanted) {
  const scheduler::LaneKey key{std::move(provider), std::move(source)};
  const auto rates = lane_of(*entries_.at(key)).limits().rates;
  const SteadyTime asked = std::chrono::steady_clock::now();
  auto grant = co_await store_.tokens(key.source, key.provider, rates, wanted);
  const auto at = entries_.find(key);
  if (at == entries_.end()) co_return;
  LaneEntry& entry = *at->second;
  entry.asking_tokens = false;
  if (!grant) {
    entry.tokens_blocked_until = std::chrono::steady_clock::now() + 500ms;
    co_return;
  }
  sheet_.add(sheet_.counter(metrics::kLaneTokens, {entry.named ? key.provider : "other",
                                                   grant->granted > 0 ? "granted" : "refused"}),
             std::max<std::int64_t>(grant->granted, 1));
  if (grant->granted > 0) {
    lane_of(entry).grant(grant->granted, asked + kTokenLife);
    pump(entry);
  } else {
    entry.tokens_blocked_until = std::chrono::steady_clock::now() + grant->retry_after;
  }
}

void LaneDesk::give_back_job(HeldJob& job) {
  for (const DeliveryHandle handle : table_.remove_job(job.plan->number))
    give_back(delivery_of(handle));
  while (!job.parked.empty()) {
    BulkDelivery* delivery = job.parked.front();
    job.parked.pop_front();
    give_back(*delivery);
  }
}

void LaneDesk::unpark(HeldJob& job) {
  if (job.refused_until > std::chrono::steady_clock::now()) return;
  const std::int64_t others = job.out > job.marked ? job.out - job.marked : 0;
  std::int64_t room = job.allowed_out - others - job.started;
  while (!job.parked.empty() && room-- > 0) {
    BulkDelivery* delivery = job.parked.front();
    job.parked.pop_front();
    add(*delivery);
  }
}

void LaneDesk::upkeep() {
  const SteadyTime now = std::chrono::steady_clock::now();
  const SystemClock clock;
  stats_.lanes.clear();
  for (auto& [key, entry] : entries_) {
    auto* lane = table_.find_lane(key);
    if (lane == nullptr || entry->pace_loading) continue;
    ++stats_.lanes[{entry->named ? key.provider : "other",
                    std::string(scheduler::to_string(lane->pace().mode(now)))}];
    if (const auto mode = lane->pace().mode(now); mode != entry->mode) {
      entry->mode = mode;
      announce_mode(*entry, *lane);
    }
    if (lane->pace().revision() != entry->pace_saved) {
      entry->pace_saved = lane->pace().revision();
      tasks_.spawn([](store::LaneStore& store, std::string source, std::string provider,
                      std::map<std::string, std::string> fields) -> async::Task<> {
        (void)co_await store.save_pace(std::move(source), std::move(provider), std::move(fields));
      }(store_, key.source, key.provider, lane->pace().state(now, clock.wall()).to_fields()));
    }
    // Nothing waits here that cannot leave soon: in Redis it costs no memory and blocks nobody.
    const auto paused = lane->pace().paused_until(now);
    if (paused && *paused > now + kShortPause && lane->waiting() > 0) {
      const auto left = std::chrono::duration_cast<Millis>(*paused - now);
      const std::int64_t due = to_unix_ms(clock.wall() + std::min(left, Millis{600'000}));
      const std::string reason =
          fmt::format("lane paused ({}): {}", scheduler::to_string(lane->pace().reason(now)),
                      lane->pace().reply(now));
      for (const DeliveryHandle handle : lane->remove_all())
        postpone(delivery_of(handle), due, key.provider, reason);
    }
  }
  for (const auto& key : table_.drop_idle(now, Millis{60'000})) {
    const auto at = entries_.find(key);
    if (at != entries_.end() && at->second->connections == 0 && !at->second->asking_tokens &&
        !at->second->pace_loading)
      entries_.erase(at);
  }
}

// The mode of a lane is news: an event for operators, a count for SREs, a line in the log.
void LaneDesk::announce_mode(const LaneEntry& entry, const scheduler::Lane& lane) {
  const SteadyTime now = std::chrono::steady_clock::now();
  const std::string mode(scheduler::to_string(entry.mode));
  const std::string reason(scheduler::to_string(lane.pace().reason(now)));
  const std::string reply(lane.pace().reply(now));
  sheet_.add(sheet_.counter(metrics::kLaneModeChanges,
                            {entry.named ? entry.key.provider : "other", mode}));
  log::info("lane-mode", {{"source", entry.key.source},
                          {"provider", entry.key.provider},
                          {"mode", mode},
                          {"reason", reason},
                          {"reply", reply}});
  Json data = Json::object();
  data.set("source", Json::string(entry.key.source));
  data.set("provider", Json::string(entry.key.provider));
  data.set("mode", Json::string(mode));
  data.set("reason", Json::string(reason));
  data.set("reply", Json::string(escape_control(reply)));
  tasks_.spawn([](store::LaneStore& lanes, std::string text, std::int64_t keep) -> async::Task<> {
    (void)co_await lanes.announce("lane.mode", std::move(text), keep);
  }(store_, to_json(data), config_->fleet.retention.events));
}

void LaneDesk::drain() {
  draining_ = true;
  for (auto& [key, entry] : entries_) {
    for (auto& [name, queue] : entry->routes) {
      // What waits for a connection that will not be opened any more goes back at once.
      while (queue->connections == 0 && !queue->ready.empty()) {
        BulkDelivery* delivery = queue->ready.front();
        queue->ready.pop_front();
        unstart(*entry, *delivery);
        give_back(*delivery);
      }
    }
  }
  wake_all();
}

// --- connections ---------------------------------------------------------------------------------

async::Task<> LaneDesk::run_connection(LaneEntry* entry, RouteQueue* queue) {
  ++connections_;
  const dns::RoutePtr route = queue->route;
  std::string cause = "no-target";
  bool served = false;
  for (const dns::Target& target : dns::order_targets(*route, random_)) {
    if (draining_) break;
    if (!same_family(*entry->source, target)) {
      if (cause == "no-target") cause = "no address of the source's family";
      continue;
    }
    smtp::Connection connection(executor_, tls_);
    const auto opened = co_await connection.open(target_for(*entry, *route, target));
    const std::string provider = entry->named ? entry->key.provider : "other";
    sheet_.add(sheet_.counter(metrics::kSmtpConnects, {provider, opened ? "ready" : "failed"}));
    if (!opened) {
      cause = sentence_of(opened.error(), target);
      continue;
    }
    Feed feed(*this, *entry, *queue, target.host);
    const auto open_connections = sheet_.counter(metrics::kSmtpConnections, {provider});
    sheet_.add(open_connections, 1);
    const smtp::ConnectionEnd end = co_await connection.run(feed);
    sheet_.add(open_connections, -1);
    served = true;
    if (end.why == smtp::ConnectionEnd::Why::kLost && !feed.answered_any())
      lane_of(*entry).connection_failed(end.cause, std::chrono::steady_clock::now());
    break;
  }
  --connections_;
  --queue->connections;
  --entry->connections;
  if (!served && !draining_) route_failed(*entry, *queue, cause);
  if (draining_) {
    while (queue->connections == 0 && !queue->ready.empty()) {
      BulkDelivery* delivery = queue->ready.front();
      queue->ready.pop_front();
      unstart(*entry, *delivery);
      give_back(*delivery);
    }
  }
  pump(*entry);
}

smtp::Target LaneDesk::target_for(const LaneEntry& entry, const dns::Route& route,
                                  const dns::Target& target) const {
  const config::Fleet& fleet = config_->fleet;
  smtp::Target to;
  to.endpoint.address = async::net::ip::make_address(target.address.to_string());
  to.endpoint.port = target.port;
  if (!entry.source->address.empty()) {
    to.endpoint.source = async::net::ip::make_address(entry.source->address);
  }
  to.host_name = target.host;
  to.options.ehlo_name = entry.source->ehlo;
  to.options.limits = time_limits(config_->local.smtp.timeouts);
  config::TlsMode tls = config::TlsMode::kOpportunistic;
  for (const auto& [name, channel] : fleet.channels)
    if (is_among(channel.sources, entry.key.source)) tls = std::max(tls, channel.tls);
  std::optional<config::TlsMode> of_provider = fleet.other.tls;
  if (route.named) of_provider = fleet.providers.at(route.provider).tls;
  if (of_provider) tls = *of_provider;
  if (const auto& relay = entry.source->relay) {
    tls = relay->tls;
    if (!relay->username.empty())
      to.options.auth = smtp::Credentials{relay->username, relay->password.reveal()};
  }
  to.options.tls = smtp_mode(tls);
  to.options.messages_limit = limits_for(route.provider, route.named).messages_per_connection;
  return to;
}

// Every address of every MX was tried in vain: an attempt for all who wait for this route here.
void LaneDesk::route_failed(LaneEntry& entry, RouteQueue& queue, const std::string& cause) {
  const SteadyTime now = std::chrono::steady_clock::now();
  scheduler::Lane& lane = lane_of(entry);
  lane.connection_failed(cause, now);
  if (queue.connections > 0) return;  // another connection of this route still lives
  std::deque<BulkDelivery*> failed = std::move(queue.ready);
  queue.ready.clear();
  for (BulkDelivery* delivery : failed) {
    unstart(entry, *delivery);
    defer_unsent(*delivery, entry.key.provider, cause);
  }
}

}  // namespace hongyan::engine
