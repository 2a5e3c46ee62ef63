// What an engine shows over HTTP: its metrics, the bill of the whole system, whether it is ready.
#include "engine/core/dkim_keys.h"
#include "engine/core/engine.h"
#include "metrics/catalogue.h"
#include "metrics/exposition.h"
#include "metrics/process.h"

#include <fmt/format.h>

namespace hongyan::engine {

std::vector<http::Route> Engine::routes() {
  return {
      {"/metrics", [this](const auto&) { return metrics_page(); }},
      {"/metrics/billing", [this](const auto&) { return billing_page(); }, true},
      {"/livez",
       [](const auto&) -> async::Task<http::Reply> { co_return http::Reply{200, "ok\n"}; }},
      {"/readyz", [this](const auto&) -> async::Task<http::Reply> { co_return readiness(); }},
  };
}

std::vector<std::string> Engine::not_ready_because() const {
  std::vector<std::string> why;
  if (draining_) why.emplace_back("draining");
  if (!client_->connected()) why.push_back("redis is away: " + client_->last_error().detail);
  if (!differing_.empty())
    why.push_back(fmt::format("the configuration differs from the published one in: {}",
                              fmt::join(differing_, ", ")));
  if (!functions_fault_.empty()) why.push_back("redis lacks our functions: " + functions_fault_);
  return why;
}

http::Reply Engine::readiness() const {
  const std::vector<std::string> why = not_ready_because();
  if (!why.empty()) return {503, fmt::format("{}\n", fmt::join(why, "\n"))};
  std::string text = "ready\n";
  if (const auto& hold = supervisor_->hold().hold())
    text += "warning: sending is " + hold->sentence() + " (hongyan hold --release ends it)\n";
  // A fault ends a start; found later, it is Redis that was changed under way.
  for (const auto* sentences : {&durability_.faults, &durability_.warnings})
    for (const std::string& sentence : *sentences) text += "warning: " + sentence + "\n";
  return {200, text};
}

async::Task<http::Reply> Engine::metrics_page() {
  using metrics::Sample;
  const Overview& all = supervisor_->overview();
  std::vector<Sample> recipients, in_doubt, ratio, jobs, due, lanes;
  for (const auto& [key, count] : all.recipients) {
    recipients.push_back({{key.first, key.second}, static_cast<double>(count)});
    if (key.second == "in_doubt") in_doubt.push_back({{key.first}, static_cast<double>(count)});
  }
  for (const auto& [channel, counts] : all.evidence)
    ratio.push_back({{channel},
                     counts.first > 0
                         ? static_cast<double>(counts.second) / static_cast<double>(counts.first)
                         : 0});
  for (const auto& [state, count] : all.jobs) jobs.push_back({{state}, static_cast<double>(count)});
  std::map<std::pair<std::string, std::string>, double> oldest;
  std::map<std::pair<std::string, std::string>, std::int64_t> lane_modes;
  WorkerStats sum;
  for (const auto& worker : workers_) {
    const WorkerStats stats = worker->stats();
    for (const auto& [key, seconds] : stats.oldest_due)
      oldest[key] = std::max(oldest[key], seconds);
    for (const auto& [key, count] : stats.lanes) lane_modes[key] += count;
    sum.dns_questions += stats.dns_questions;
    sum.dns_failures += stats.dns_failures;
    sum.redis_commands += stats.redis_commands;
    sum.redis_reconnects += stats.redis_reconnects;
    sum.settle_backlog += stats.settle_backlog;
  }
  for (const auto& [key, seconds] : oldest) due.push_back({{key.first, key.second}, seconds});
  for (const auto& [key, count] : lane_modes)
    lanes.push_back({{key.first, key.second}, static_cast<double>(count)});
  registry_.replace(metrics::kRecipients, std::move(recipients));
  registry_.replace(metrics::kInDoubt, std::move(in_doubt));
  registry_.replace(metrics::kInvalidAddressRatio, std::move(ratio));
  registry_.replace(metrics::kJobs, std::move(jobs));
  registry_.replace(metrics::kOldestDueSeconds, std::move(due));
  registry_.replace(metrics::kLanes, std::move(lanes));
  for (const auto& [channel, trips] : all.trips)
    registry_.set(metrics::kBreakerTrips, {channel}, trips);
  for (const auto& [channel, chunks] : all.due_chunks)
    registry_.set(metrics::kDueChunks, {channel}, chunks);
  for (const auto& [source, owned] : supervisor_->sources_owned())
    registry_.set(metrics::kSourceOwned, {source}, std::int64_t{owned});
  record_ages(registry_, *keys_, certificates_, SystemClock().wall());
  const IntakeStats& intake = intake_->stats();
  const auto whole = [](std::uint64_t value) { return static_cast<std::int64_t>(value); };
  registry_.set(metrics::kJobsTaken, {"accepted"}, whole(intake.accepted));
  registry_.set(metrics::kJobsTaken, {"repeated"}, whole(intake.repeated));
  registry_.set(metrics::kJobsTaken, {"refused"}, whole(intake.refused));
  registry_.set(metrics::kDeadLetters, {}, whole(intake.refused));
  registry_.set(metrics::kControlOps, {"done"}, whole(intake.control_done));
  registry_.set(metrics::kControlOps, {"refused"}, whole(intake.control_refused));
  registry_.set(metrics::kPlannedRows, {"good"},
                whole(planner_->stats().rows - planner_->stats().refused));
  registry_.set(metrics::kPlannedRows, {"invalid"}, whole(planner_->stats().refused));
  registry_.set(metrics::kDnsQueries, {"answered"}, whole(sum.dns_questions - sum.dns_failures));
  registry_.set(metrics::kDnsQueries, {"failed"}, whole(sum.dns_failures));
  registry_.set(metrics::kRedisCommands, {}, whole(sum.redis_commands + client_->stats().commands));
  registry_.set(metrics::kRedisReconnects, {}, whole(sum.redis_reconnects + client_->reconnects()));
  registry_.set(metrics::kSettleBacklog, {}, whole(sum.settle_backlog));
  registry_.set(metrics::kRedisUp, {}, std::int64_t{client_->connected()});
  registry_.set(metrics::kRedisDurable, {}, std::int64_t{durability_.keeps});
  registry_.set(metrics::kRedisMemoryRatio, {}, all.memory_ratio);
  registry_.set(metrics::kEscapedExceptions, {}, whole(async::escaped_exceptions()));
  registry_.set(metrics::kReady, {}, std::int64_t{not_ready_because().empty()});
  const auto& hold = supervisor_->hold().hold();
  const bool by_engine = hold && hold->by_engine();
  registry_.set(metrics::kHeld, {"engine"}, std::int64_t{by_engine});
  registry_.set(metrics::kHeld, {"operator"}, std::int64_t{hold && !by_engine});
  registry_.set(metrics::kConfigDiffers, {}, whole(differing_.size()));
  registry_.set(metrics::kBuildInfo, {HONGYAN_VERSION}, std::int64_t{1});
  metrics::record_process(registry_);
  co_return http::Reply{200, registry_.expose(), std::string(metrics::Exposition::kContentType)};
}

// The whole system's bill, exact and from the ledger alone: the same from every engine.
async::Task<http::Reply> Engine::billing_page() {
  store::MoneyStore money(*store_);
  const auto tenants = co_await money.tenants();
  if (!tenants) co_return http::Reply{503, "redis is away\n"};
  std::vector<store::EverCharged> ever;
  std::vector<std::pair<std::string, std::int64_t>> balances;
  for (const std::string& tenant : *tenants) {
    const auto ledger = co_await money.ledger(tenant);
    const auto balance = co_await money.balance(tenant);
    if (!ledger || !balance) co_return http::Reply{503, "redis is away\n"};
    ever.insert(ever.end(), ledger->ever.begin(), ledger->ever.end());
    const auto of = config_->fleet.tenants.find(tenant);
    const bool prepaid = of != config_->fleet.tenants.end() && of->second.prepaid;
    if (prepaid || balance->topped_up.value != 0)
      balances.emplace_back(tenant, balance->balance().value);
  }
  metrics::Exposition text;
  text.metric(metrics::kBillingMessages);
  for (const auto& one : ever) text.sample({one.tenant, one.channel}, one.messages);
  text.metric(metrics::kBillingCharged);
  for (const auto& one : ever) text.sample({one.tenant, one.channel}, one.micro_yuan);
  text.metric(metrics::kBillingBalance);
  for (const auto& [tenant, amount] : balances) text.sample({tenant}, amount);
  text.metric(metrics::kBillingRollupLag);
  text.sample({}, supervisor_->overview().rollup_lag_seconds);
  co_return http::Reply{200, text.take(), std::string(metrics::Exposition::kContentType)};
}

}  // namespace hongyan::engine
