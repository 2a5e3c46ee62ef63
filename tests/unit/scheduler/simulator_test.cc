#include "tests/unit/scheduler/simulator.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>

namespace hongyan::scheduler::testing {
namespace {

using namespace std::chrono_literals;
using State = Simulator::State;

// A random world from a seed: some receivers limited, some unfriendly.
Script random_script(std::uint64_t seed) {
  std::mt19937_64 random(seed);
  const auto share = [&](double most) { return std::uniform_real_distribution<>(0, most)(random); };
  Script script{.seed = seed, .recipients = static_cast<int>(200 + random() % 1500)};
  script.jobs = static_cast<int>(1 + random() % 6);
  for (std::size_t i = 0, n = 1 + random() % 5; i < n; ++i) {
    Receiver receiver;
    if (random() % 2) receiver.limits.connections = static_cast<int>(1 + random() % 8);
    if (random() % 2) {
      const auto count = static_cast<std::int64_t>(1 + random() % 40);
      receiver.limits.rates.push_back({count, 1s, static_cast<std::int64_t>(1 + random() % 10)});
    }
    if (random() % 3 == 0) receiver.limits.rates.push_back({100, 1min, 3});
    receiver.bounce = random() % 2 ? share(0.02) : share(0.3);
    receiver.defer = share(0.3);
    receiver.throttle = random() % 3 == 0 ? share(0.03) : 0;
    receiver.drop = share(0.05);
    receiver.doubt = share(0.02);
    script.receivers.push_back(receiver);
  }
  return script;
}

void expect_sound(const Script& script, const Simulator& world, bool ended) {
  for (const auto& violation : world.violations()) ADD_FAILURE() << violation;
  ASSERT_TRUE(ended);
  EXPECT_EQ(world.in_state(State::kDelivered) + world.in_state(State::kBounced) +
                world.in_state(State::kExpired),
            script.recipients);
  EXPECT_EQ(world.ledger(), world.in_state(State::kDelivered));
  // What receivers have beyond the ledger, as recipients or as second copies, is doubt that was
  // reported.
  EXPECT_LE(world.ledger(), world.accepted_recipients());
  EXPECT_LE(world.accepted_copies() - world.ledger(), world.doubts());
}

TEST(Simulator, RandomWorldsKeepTheRules) {
  const std::uint64_t first = std::random_device{}();
  std::printf("seeds %llu and the next 29\n", static_cast<unsigned long long>(first));
  for (std::uint64_t seed = first; seed < first + 30 && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const Script script = random_script(seed);
    Simulator world(script);
    const bool ended = world.run(3'000'000);
    expect_sound(script, world, ended);
  }
}

TEST(Simulator, ReceiverThatAlwaysThrottlesEndsInExpiredNotInALoop) {
  Script script{.seed = 1, .receivers = {{.throttle = 1}}, .recipients = 50, .interrupt = false};
  Simulator world(script);
  const bool ended = world.run(1'000'000);
  expect_sound(script, world, ended);
  EXPECT_EQ(world.in_state(State::kExpired), 50);
  EXPECT_LT(world.attempts(), 50 * 30);
}

TEST(Simulator, DeadReceiverCostsFewAttempts) {
  Script script{.seed = 1, .receivers = {{.drop = 1}}, .recipients = 2000, .interrupt = false};
  script.retries.expiry = 24h;
  Simulator world(script);
  world.run(20'000);
  EXPECT_TRUE(world.violations().empty());
  // About one probe an hour, whatever the backlog.
  EXPECT_LT(world.attempts(), 20'000);
}

TEST(Simulator, HealthyReceiverIsFilledToItsLimit) {
  Receiver receiver;
  receiver.limits = {.connections = 10, .rates = {{1000, 1min, 20}}};
  receiver.most_latency = 50ms;
  Script script{.seed = 1, .receivers = {receiver}, .recipients = 10'000, .interrupt = false};
  Simulator world(script);
  const bool ended = world.run(10'000'000);
  expect_sound(script, world, ended);
  EXPECT_EQ(world.ledger(), 10'000);
  EXPECT_LT(world.elapsed(), 11min);
  EXPECT_GT(world.elapsed(), 9min + 50s);
}

// A million deliveries take about a second in a Dev build; the limit leaves room for a busy machine
// and for sanitizers.
TEST(Simulator, DrivesAMillionDeliveries) {
  Script script{.seed = 1, .recipients = 1'000'000, .jobs = 20, .interrupt = false};
  for (int i = 0; i < 8; ++i) {
    script.receivers.push_back(
        {.limits = {.connections = 50, .rates = {}}, .bounce = 0.01, .defer = 0.02});
  }
  Simulator world(script);
  const auto start = std::chrono::steady_clock::now();
  const bool ended = world.run(10'000'000);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  expect_sound(script, world, ended);
  std::printf("%lld attempts in %.2f s\n", static_cast<long long>(world.attempts()), took.count());
  EXPECT_LT(took, 30s);
}

}  // namespace
}  // namespace hongyan::scheduler::testing
