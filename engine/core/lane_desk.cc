#include "engine/core/lane_desk.h"

#include "base/text.h"
#include "engine/core/routing.h"
#include "metrics/catalogue.h"

#include <algorithm>
#include <utility>

namespace hongyan::engine {
namespace {

using scheduler::DeliveryHandle;

// Which MX set a route leads to: connections are shared by all domains that have the same hosts in
// the same order. The numbers may differ, only their order means something.
std::string route_key(const dns::Route& route) {
  std::vector<std::pair<int, std::string_view>> hosts;
  for (const auto& host : route.hosts) hosts.emplace_back(host.preference, host.name);
  std::ranges::sort(hosts);
  std::string key = std::to_string(route.port);
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    key += i > 0 && hosts[i].first != hosts[i - 1].first ? " < " : " ";
    key += hosts[i].second;
  }
  if (route.sts_enforced)
    key += " sts";
  else if (tests_sts(route))
    key += " sts-testing";
  else if (route.lenient)
    key += " lenient";
  // Only connections of which the same is demanded may be shared.
  for (const auto& host : route.hosts)
    if (host.dane.demand != dns::Dane::Demand::kNothing)
      key += (host.dane.demand == dns::Dane::Demand::kEncryption ? " tls:" : " dane:") + host.name;
  return key;
}

}  // namespace

LaneDesk::LaneDesk(async::Executor executor, std::shared_ptr<const config::Config> config,
                   Settler& settler, store::LaneStore& store, store::WarmupStore& warmups,
                   std::function<store::BillingDay()> today, OutcomeLog& log, WorkerStats& stats,
                   metrics::Sheet& sheet, tlsrpt::Tally& tally,
                   std::shared_ptr<const answer::Classifier> classifier, OnGone on_gone)
    : executor_(executor),
      config_(std::move(config)),
      settler_(settler),
      store_(store),
      warmups_(warmups),
      today_(std::move(today)),
      log_(log),
      stats_(stats),
      sheet_(sheet),
      tally_(tally),
      phases_{sheet.histogram(metrics::kDeliveryPhaseSeconds, {"turn"}),
              sheet.histogram(metrics::kDeliveryPhaseSeconds, {"token"}),
              sheet.histogram(metrics::kDeliveryPhaseSeconds, {"connect"}),
              sheet.histogram(metrics::kDeliveryPhaseSeconds, {"transact"})},
      classifier_(std::move(classifier)),
      on_gone_(std::move(on_gone)),
      tls_(config_->local.smtp.ca_file),
      table_(config_->local.engine.pace_time_scale),
      tasks_(executor, "lanes") {
  for (const auto& [name, channel] : config_->fleet.channels) {
    if (!channel.rates.empty()) gates_.try_emplace(name, channel.rates);
    if (channel.connections == 0) continue;
    // Each source takes an even share: its one owner keeps to it, so the sum holds over engines.
    const int count = static_cast<int>(channel.sources.size());
    for (int i = 0; i < count; ++i) {
      const int share = channel.connections / count + (i < channel.connections % count ? 1 : 0);
      const auto at =
          connection_caps_.try_emplace(channel.sources[static_cast<std::size_t>(i)], share);
      at.first->second = std::min(at.first->second, share);
    }
  }
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
  return std::ranges::any_of(wanted, [&](const auto& one) { return is_among(one, sources_); });
}

std::string LaneDesk::relay_for(const JobPlan& plan) const {
  std::vector<const std::string*> relays;
  for (const std::string& source : plan.sources) {
    if (!is_among(source, sources_)) continue;
    if (!config_->fleet.sources.at(source).relay) return {};
    relays.push_back(&source);
  }
  return relays.empty() ? std::string() : *relays[random_() % relays.size()];
}

scheduler::LaneLimits LaneDesk::limits_for(const scheduler::LaneKey& key, bool named) const {
  const config::Source& source = config_->fleet.sources.at(key.source);
  if (source.relay) return {source.relay->connections, 0, source.relay->rates};
  scheduler::LaneLimits limits = config_->fleet.other.limits;
  if (const auto at = config_->fleet.providers.find(key.provider);
      named && at != config_->fleet.providers.end()) {
    const auto curve = std::exchange(limits, at->second.limits).warmup;
    if (limits.warmup.empty()) limits.warmup = curve;
  }
  if (source.warmup_start.empty()) limits.warmup.clear();
  return limits;
}

LaneEntry& LaneDesk::entry_of(const scheduler::LaneKey& key, bool named) {
  auto& slot = entries_[key];
  if (!slot) {
    slot = std::make_unique<LaneEntry>();
    slot->key = key;
    slot->named = named;
    slot->source = &config_->fleet.sources.at(key.source);
    if (!slot->source->proxy.empty()) slot->proxy = &proxies_[key.source];
    slot->wake = std::make_unique<async::Event>(executor_);
    if (!slot->source->warmup_start.empty()) slot->warmup.emplace();
    tasks_.spawn(load_pace(key.provider, key.source, named));
  }
  return *slot;
}

scheduler::Lane& LaneDesk::lane_of(LaneEntry& entry) {
  if (auto* lane = table_.find_lane(entry.key)) return *lane;
  return table_.get_or_create(entry.key, limits_for(entry.key, entry.named));
}

void LaneDesk::add(BulkDelivery& delivery) {
  if (!admit(delivery)) return;
  const dns::Route& route = *delivery.route;
  const SteadyTime now = std::chrono::steady_clock::now();
  LaneEntry* best = nullptr;
  std::tuple<bool, bool, std::size_t> best_load{};
  for (const std::string& source : delivery.job->plan->sources) {
    if (!is_among(source, sources_)) continue;
    // A relay takes what was routed to it; everything else leaves by sources that send themselves.
    const bool relays = config_->fleet.sources.at(source).relay.has_value();
    if (delivery.relay.empty() ? relays : delivery.relay != source) continue;
    LaneEntry& entry = entry_of({route.provider, source}, route.named);
    scheduler::Lane& lane = lane_of(entry);
    const std::tuple load(!may_reach(*entry.source, route),
                          shut_until(source, lane, now).has_value(), lane.waiting());
    if (best == nullptr || load < best_load) {
      best = &entry;
      best_load = load;
    }
  }
  if (best == nullptr) {
    leave_lane(delivery);
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
  if (const auto gate = gates_.find(plan.channel);
      gate != gates_.end() && gate->second.waiting.size() >= gate_limit(gate->second.gate))
    return true;
  bool reached = false;
  for (const std::string& source : plan.sources) {
    if (!is_among(source, sources_) || !may_reach(config_->fleet.sources.at(source), route))
      continue;
    reached = true;
    auto* lane = const_cast<scheduler::LaneTable&>(table_).find_lane({route.provider, source});
    if (lane == nullptr) return false;
    const auto shut = shut_until(source, *lane, now);
    if (shut && *shut > now + kShortPause) continue;
    if (lane->waiting() < backlog_limit(*lane, now)) return false;
  }
  return reached;  // what no source can reach is claimed and told so
}

// Lets a lane use what it may use now: tokens and connections.
void LaneDesk::pump(LaneEntry& entry) {
  if (draining_ || entry.pace_loading) return;
  const SteadyTime now = std::chrono::steady_clock::now();
  if (resting_until(entry.key.source, now)) {
    entry.wake->notify_all();  // connections that are open may go on
    return;
  }
  scheduler::Lane& lane = lane_of(entry);
  lease_warmup(entry, lane, now);
  const std::int64_t wanted = lane.tokens_wanted(now);
  if (wanted > 0 && !entry.asking_tokens && entry.tokens_blocked_until <= now) {
    entry.asking_tokens = true;
    tasks_.spawn(ask_tokens(entry.key.provider, entry.key.source, wanted));
  }
  // Deliveries sorted into routes first: each route with something ready needs a connection.
  int budget = connection_room(entry, now);
  for (auto& [key, queue] : entry.routes) {
    if (budget <= 0) break;
    if (!queue->ready.empty() && queue->connections == 0) {
      --budget;
      open_connection(entry, *queue);
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
    --budget;
    open_connection(entry, queue);
  }
  entry.wake->notify_all();
}

void LaneDesk::wake_all() {
  for (auto& [key, entry] : entries_) entry->wake->notify_all();
}

RouteQueue& LaneDesk::queue_for(LaneEntry& entry, const dns::RoutePtr& route) {
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
  leave_lane(delivery);
  if (!job.may_send || delivery.chunk->lost) {
    lane_of(entry).give_back(now);
    give_back(delivery);
    return false;
  }
  if (job.refused_until > now || (first && !job.breaker_allows())) {
    lane_of(entry).give_back(now);
    job.parked.push_back(&delivery);
    return false;
  }
  if (ChannelGate* gate = gate_of(*job.plan)) {
    if (!gate->gate.may_take(now)) {
      lane_of(entry).give_back(now);
      gate->waiting.push_back(&delivery);
      return false;
    }
    gate->gate.take(now);
  }
  delivery.started_at = now;
  delivery.started = true;
  ++job.started;
  return true;
}

void LaneDesk::leave_connection(BulkDelivery& delivery) {
  if (delivery.started) --delivery.job->started;
  delivery.started = false;
}

void LaneDesk::unstart(LaneEntry& entry, BulkDelivery& delivery) {
  lane_of(entry).give_back(std::chrono::steady_clock::now());
  leave_connection(delivery);
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
    if (!delivery->suppressed.empty()) {
      unstart(entry, *delivery);
      conclude_unsent(*delivery, store::Settlement::kSuppressed, store::Evidence::kNone,
                      entry.key.provider, delivery->suppressed);
      continue;
    }
    if (auto built = delivery->render(take_buffers(), entry.ref); !built) {
      unstart(entry, *delivery);
      const std::string reason = std::string(built.error().code) + ": " + built.error().detail;
      if (built.error().scope == Scope::kDelivery)
        conclude_unsent(*delivery, store::Settlement::kInvalid, store::Evidence::kNone,
                        entry.key.provider, reason);
      else
        defer_unsent(*delivery, entry.key.provider, reason);
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

void LaneDesk::give_back_job(HeldJob& job) {
  for (const scheduler::DeliveryHandle handle : table_.remove_job(job.plan->number)) {
    leave_lane(delivery_of(handle));
    give_back(delivery_of(handle));
  }
  if (ChannelGate* gate = gate_of(*job.plan)) {
    std::deque<BulkDelivery*> others;
    for (BulkDelivery* delivery : std::exchange(gate->waiting, {})) {
      if (delivery->job != &job)
        others.push_back(delivery);
      else
        give_back(*delivery);
    }
    gate->waiting = std::move(others);
  }
  for (auto* waiting : {&job.parked, &job.nowhere})
    while (!waiting->empty()) {
      BulkDelivery* delivery = waiting->front();
      waiting->pop_front();
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

}  // namespace hongyan::engine
