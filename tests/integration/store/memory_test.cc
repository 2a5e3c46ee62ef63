#include "engine/core/chunk.h"
#include "store/reply_log.h"
#include "tests/integration/store/store_fixture.h"

#include <cstdio>

namespace hongyan::store::test {
namespace {

// DESIGN 3: at most 64 bytes of Redis memory per recipient beyond what it compresses to.
constexpr double kMost = 64;

class Memory : public StoreTest, public ::testing::WithParamInterface<std::uint64_t> {
 protected:
  // Of the job's keys, with Redis' own overhead for each; not of the server's buffers.
  double used() {
    double bytes = 0;
    const auto names = call({"KEYS", "hongyan:{a}:*"});
    std::vector<redis::Command> commands;
    for (const auto& name : names.array())
      commands.push_back(
          redis::Command("MEMORY").arg("USAGE").arg(name.text()).arg("SAMPLES").arg(0));
    const auto sizes = client().pipeline(std::move(commands), std::chrono::seconds(60));
    EXPECT_TRUE(sizes);
    for (const auto& size : *sizes) bytes += static_cast<double>(size.integer());
    return bytes;
  }
};

TEST_P(Memory, PerRecipientQueuedAndFinished) {
  const std::uint64_t count = GetParam();
  make_job("a");
  const auto lease = run(store().plan_lease("a", "e1"));
  run(store().plan_begin("a", "e1", lease->epoch, 0));
  double packed = 0;
  std::uint64_t chunk = 0;
  for (std::uint64_t row = 0; row < count;) {
    engine::ChunkBuilder builder;
    PlannedChunk one{chunk++, "*", {}, {}, {}, {}};
    for (; row < count && builder.size() < engine::kChunkRecipients; ++row) {
      const std::uint64_t mixed = (row + 1) * 0x9E3779B97F4A7C15u;
      const std::string address = "user" + std::to_string(mixed % 100'000'000) + "@mail" +
                                  std::to_string(mixed % 97) + ".example.cn";
      const std::string name = "名" + std::to_string(mixed % 5000);
      const std::string code = std::to_string(mixed % 1'000'000);
      builder.add({row + 1, address, {}, {{"name", name}, {"code", code}}});
      one.states += 'q';
      one.fingerprints.push_back(mixed >> 1);
    }
    one.data = builder.take();
    packed += static_cast<double>(one.data.size());
    ASSERT_TRUE(run(store().plan_chunk("a", "e1", lease->epoch, std::move(one))));
  }
  const auto per = [&](double bytes) { return bytes / static_cast<double>(count); };
  const double planning = per(used() - packed);
  run(store().plan_commit("a", "e1", lease->epoch, {}, true));
  tick("a", 200);
  const double queued = per(used() - packed);

  call({"HSET", keys::job("a"), "breaker_n", "100000"});
  while (const auto held = claim("a")) {
    std::vector<Step> steps;
    for (std::uint32_t i = 0; i < held->states.size(); ++i)
      steps.push_back(settle(
          *held, i, Settlement::kDelivered, Evidence::kAccepted, "",
          encode_reply({i, 1'763'000'000, 1, "250 2.0.0 Ok: queued as 4c1G7d2Kz3z9sQ7b and more"},
                       kAcceptedReplyBytes)));
    // As a connection does: a few at a time.
    for (std::size_t at = 0; at < steps.size(); at += 16)
      commit("a", {steps.begin() + static_cast<std::ptrdiff_t>(at),
                   steps.begin() + static_cast<std::ptrdiff_t>(std::min(at + 16, steps.size()))});
  }
  EXPECT_EQ(field("a", "state"), "done");
  const double finished = per(used() - packed);
  std::printf(
      "%llu recipients: %.1f B packed, beyond it %.1f B while planning, %.1f B queued, "
      "%.1f B finished\n",
      static_cast<unsigned long long>(count), per(packed), planning, queued, finished);
  EXPECT_LE(planning, kMost);
  EXPECT_LE(queued, kMost);
  EXPECT_LE(finished, kMost);
}

INSTANTIATE_TEST_SUITE_P(Sizes, Memory, ::testing::Values(10'000u, 100'000u));

}  // namespace
}  // namespace hongyan::store::test
