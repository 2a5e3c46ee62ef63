// What the scheduler costs per message. At 30,000 messages/s one microsecond is 3 % of a core, so
// all of a message's way through it (push, pop, settle) should stay well below that.
#include "scheduler/lane.h"
#include "scheduler/rate.h"

#include <benchmark/benchmark.h>

#include <cstdint>
#include <vector>

namespace hongyan::scheduler {
namespace {

using namespace std::chrono_literals;

void gcra_take(benchmark::State& state) {
  const std::vector<Rate> rates(static_cast<std::size_t>(state.range(0)), Rate{1'000'000, 1s, 100});
  Gcra limiter(rates);
  SteadyTime now{1h};
  for (auto _ : state) {
    now += limiter.time_until_allowed(now);
    limiter.take(now);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(gcra_take)->Arg(1)->Arg(3);

// Must not depend on the number of jobs.
void fair_queue_turn(benchmark::State& state) {
  const auto jobs = static_cast<std::uint32_t>(state.range(0));
  FairQueue queue;
  for (std::uint32_t i = 0; i < jobs; ++i) {
    queue.add(TenantNumber{i / 4}, JobNumber{i}, static_cast<int>(i % 10));
  }
  for (auto _ : state) {
    const JobNumber job = *queue.next();
    queue.charge(job, 1);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(fair_queue_turn)->Arg(1)->Arg(16)->Arg(1024);

// push, pop and settle of one delivery; range: jobs waiting, 64 deliveries each.
void lane_delivery(benchmark::State& state) {
  const auto jobs = static_cast<std::uint32_t>(state.range(0));
  Lane lane({});
  const auto push = [&](std::uint32_t job, std::uint64_t handle) {
    lane.push(TenantNumber{job / 4}, JobNumber{job}, 5, DeliveryHandle{handle});
  };
  for (std::uint32_t i = 0; i < jobs * 64; ++i) push(i % jobs, i);
  const Ruling accepted = judge({Verdict::kDelivered, Stage::kContent, 250}, {});
  SteadyTime now{1h};
  for (auto _ : state) {
    now += 30us;
    const auto next = lane.pop(now);
    lane.settle(accepted, "250 2.0.0 Ok", now);
    push(static_cast<std::uint32_t>(next->job), static_cast<std::uint64_t>(next->delivery));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(lane_delivery)->Arg(1)->Arg(16)->Arg(1024);

// The same with a rate, so with tokens and the limiter.
void limited_lane_delivery(benchmark::State& state) {
  const LaneLimits limits{
      .connections = 20, .messages_per_connection = 0, .rates = {{100'000, 1s, 1000}}};
  Lane lane(limits);
  for (std::uint64_t i = 0; i < 4096; ++i) {
    lane.push(TenantNumber{1}, JobNumber{1}, 5, DeliveryHandle{i});
  }
  const Ruling accepted = judge({Verdict::kDelivered, Stage::kContent, 250}, {});
  SteadyTime now{1h};
  for (auto _ : state) {
    now += 30us;
    if (const auto wanted = lane.tokens_wanted(now); wanted > 0) lane.grant(wanted, now + 1s);
    const auto next = lane.pop(now);
    lane.settle(accepted, "250 2.0.0 Ok", now);
    lane.push(TenantNumber{1}, next->job, 5, next->delivery);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(limited_lane_delivery);

}  // namespace
}  // namespace hongyan::scheduler
