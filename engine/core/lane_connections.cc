// The connections of a lane: opened, fed, closed, and what it means when none opens.
#include "base/async/listener.h"
#include "base/text.h"
#include "engine/core/lane_desk.h"
#include "engine/core/lane_feed.h"
#include "engine/core/routing.h"
#include "metrics/catalogue.h"

#include <algorithm>

namespace hongyan::engine {
namespace {

std::string sentence_of(const smtp::OpenFailure& failure, const dns::Target& target,
                        const config::Source& source) {
  if (failure.cause == "proxy-unreachable") return failure.detail;
  std::string text = target.host + "[" + target.address.to_string() + "]";
  if (failure.cause == "proxy-silent")
    text += " through proxy " + source.proxy + " from " + source.address;
  text += ": ";
  if (failure.reply.code != 0) {
    text += std::to_string(failure.reply.code) + ' ';
    if (!failure.reply.enhanced.empty()) text += failure.reply.enhanced + ' ';
    return text + failure.reply.text;
  }
  text += failure.cause;
  return failure.detail.empty() ? text : text + ": " + failure.detail;
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

void demand_dane(smtp::Target& to, const dns::Route& route, const dns::Target& target) {
  const auto host = std::ranges::find(route.hosts, target.host, &dns::MxHost::name);
  if (host == route.hosts.end() || host->dane.demand == dns::Dane::Demand::kNothing) return;
  to.options.judge_certificate = false;  // its TLSA records are the policy that holds
  if (host->dane.demand == dns::Dane::Demand::kEncryption) {
    to.options.tls = std::max(to.options.tls, smtp::TlsMode::kRequired);
    return;
  }
  to.options.tls = smtp::TlsMode::kVerified;
  to.options.tlsa = host->dane.records;
  to.host_name = host->dane.base;
}

}  // namespace

int LaneDesk::connection_room(LaneEntry& entry, SteadyTime now) {
  const int room = lane_of(entry).wanted_connections(now) - entry.connections;
  const auto cap = connection_caps_.find(entry.key.source);
  if (cap == connection_caps_.end()) return room;
  return std::min(room, cap->second - connections_of_sources_[entry.key.source]);
}

bool LaneDesk::is_capped(const LaneEntry& entry) const {
  return connection_caps_.contains(entry.key.source);
}

bool LaneDesk::must_yield(const LaneEntry& entry) {
  const auto cap = connection_caps_.find(entry.key.source);
  if (cap == connection_caps_.end() || connections_of_sources_[entry.key.source] < cap->second)
    return false;
  const SteadyTime now = std::chrono::steady_clock::now();
  return std::ranges::any_of(entries_, [&](const auto& other) {
    return other.first.source == entry.key.source && other.second->connections == 0 &&
           (lane_of(*other.second).can_start(now) || is_stranded(*other.second));
  });
}

bool LaneDesk::is_stranded(const LaneEntry& entry) {
  return std::ranges::any_of(entry.routes, [](const auto& route) {
    return !route.second->ready.empty() && route.second->connections == 0;
  });
}

void LaneDesk::open_connection(LaneEntry& entry, RouteQueue& queue) {
  ++queue.connections;
  ++entry.connections;
  if (is_capped(entry)) ++connections_of_sources_[entry.key.source];
  OpenedFor first{"", queue.route};
  if (!queue.ready.empty()) {
    const BulkDelivery& delivery = *queue.ready.front();
    first = {std::string(delivery.recipient().domain()), delivery.route};
  }
  tasks_.spawn(run_connection(&entry, &queue, std::move(first)));
}

std::vector<dns::Target> LaneDesk::targets_of(const LaneEntry& entry, const RouteQueue& queue) {
  const SteadyTime now = std::chrono::steady_clock::now();
  std::vector<dns::Target> targets, avoided;
  for (dns::Target& target : dns::order_targets(*queue.route, random_))
    if (may_reach(*entry.source, target.address))
      (queue.avoids(target, now) ? avoided : targets).push_back(std::move(target));
  std::ranges::move(avoided, std::back_inserter(targets));
  return targets;
}

async::Task<> LaneDesk::run_connection(LaneEntry* entry, RouteQueue* queue, OpenedFor first) {
  ++connections_;
  const dns::RoutePtr route = queue->route;
  std::string cause = "no address of the source's family";
  std::optional<scheduler::LaneReaction> refusal;  // somebody answered, and did not want us
  bool served = false;
  bool ours = false;     // nobody blames the receiver
  bool untried = false;  // there was no way to ask it
  for (const dns::Target& target : targets_of(*entry, *queue)) {
    if (draining_) break;
    if (resting_until(entry->key.source, std::chrono::steady_clock::now())) {
      untried = !ours;
      break;
    }
    smtp::Connection connection(executor_, tls_);
    const auto opened = co_await connection.open(target_for(*entry, *route, target));
    const std::string provider = entry->named ? entry->key.provider : "other";
    if (!opened) cause = sentence_of(opened.error(), target, *entry->source);
    const std::string result(heed_proxy(*entry, target, opened ? nullptr : &opened.error(), cause));
    sheet_.add(sheet_.counter(metrics::kSmtpConnects, {provider, result}));
    count_tls(*entry, first, target, connection, opened ? nullptr : &opened.error());
    if (!opened) {
      ours = result.starts_with("proxy");
      untried = result == "proxy_failed";
      if (!untried) queue->avoid(target);
      const smtp::OpenFailure& failure = opened.error();
      if (failure.reply.code != 0)
        refusal =
            judge(*entry, {smtp::Verdict::kUntried, failure.stage, failure.reply, {}}).ruling.lane;
      continue;
    }
    Feed feed(*this, *entry, *queue, target);
    const auto open_connections = sheet_.counter(metrics::kSmtpConnections, {provider});
    sheet_.add(open_connections, 1);
    const smtp::ConnectionEnd end = co_await connection.run(feed);
    sheet_.add(open_connections, -1);
    served = true;
    if (end.why == smtp::ConnectionEnd::Why::kClosing) hear_farewell(*entry, end);
    if (feed.answered_any()) queue->avoided.erase(target.address.to_string());
    if (end.why == smtp::ConnectionEnd::Why::kLost && !feed.answered_any()) {
      const SteadyTime now = std::chrono::steady_clock::now();
      // Not the lane's trouble while there is another address to ask.
      const auto others = targets_of(*entry, *queue);
      const bool last = others.empty() || queue->avoids(others.front(), now);
      if (last && (entry->proxy == nullptr || entry->proxy->broken_off(now)))
        lane_of(*entry).connection_failed(end.cause, now);
    }
    break;
  }
  --connections_;
  --queue->connections;
  --entry->connections;
  if (is_capped(*entry)) --connections_of_sources_[entry->key.source];
  if (!served && !draining_) {
    if (untried)
      wait_for_proxy(*entry, *queue);
    else
      route_failed(*entry, *queue, cause, refusal, ours);
  }
  if (draining_) {
    while (queue->connections == 0 && !queue->ready.empty()) {
      BulkDelivery* delivery = queue->ready.front();
      queue->ready.pop_front();
      unstart(*entry, *delivery);
      give_back(*delivery);
    }
  }
  // Under a cap the next one is another lane's turn: tick() goes round.
  if (!is_capped(*entry)) pump(*entry);
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
  to.endpoint.proxy = async::parse_endpoint(entry.source->proxy);
  to.host_name = target.host;
  to.options.ehlo_name = entry.source->ehlo;
  to.options.limits = time_limits(config_->local.smtp.timeouts);
  // Connections are the source's: of the channels that share it the strictest is obeyed.
  config::TlsMode tls = config::TlsMode::kOff;
  for (const auto& [name, channel] : fleet.channels)
    if (is_among(entry.key.source, channel.sources)) tls = std::max(tls, channel.tls);
  std::optional<config::TlsMode> of_provider = fleet.other.tls;
  if (const auto named = fleet.providers.find(route.provider);
      route.named && named != fleet.providers.end())
    of_provider = named->second.tls;
  // The receiver is known better by its provider, but nothing weakens what a channel demands.
  if (of_provider && (tls < config::TlsMode::kRequired || *of_provider > tls)) tls = *of_provider;
  if (const auto& relay = entry.source->relay) {
    tls = relay->tls;
    to.options.implicit_tls = relay->implicit_tls || relay->port == smtp::kImplicitTlsPort;
    if (!relay->username.empty())
      to.options.auth = smtp::Credentials{relay->username, relay->password.reveal()};
  }
  to.options.tls = smtp_mode(tls);
  // What the receiver published about its TLS stands above what we configured.
  if (route.sts_enforced) to.options.tls = smtp::TlsMode::kVerified;
  // Its domain wants to hear what enforcing would have done (RFC 8461 5).
  to.options.judge_certificate = tests_sts(route);
  demand_dane(to, route, target);
  to.options.messages_limit = limits_for(entry.key, route.named).messages_per_connection;
  return to;
}

// Every address of every MX was tried in vain: an attempt for all who wait for this route here.
void LaneDesk::route_failed(LaneEntry& entry, RouteQueue& queue, const std::string& cause,
                            const std::optional<scheduler::LaneReaction>& refusal, bool ours) {
  const SteadyTime now = std::chrono::steady_clock::now();
  scheduler::Lane& lane = lane_of(entry);
  if (refusal) {
    lane.pace().react(*refusal, cause, now);
    note_refusal(entry, *refusal);
  } else if (!ours) {
    lane.connection_failed(cause, now);
  }
  if (queue.connections > 0) return;  // another connection of this route still lives
  std::deque<BulkDelivery*> failed = std::move(queue.ready);
  queue.ready.clear();
  for (BulkDelivery* delivery : failed) {
    unstart(entry, *delivery);
    if (ours && has_other_source(entry, *delivery))
      add(*delivery);
    else
      defer_unsent(*delivery, entry.key.provider, cause);
  }
}

}  // namespace hongyan::engine
