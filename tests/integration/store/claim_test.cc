#include "tests/integration/store/store_fixture.h"

#include <thread>

namespace hongyan::store::test {
namespace {

using namespace std::chrono_literals;

class Claim : public StoreTest {
 protected:
  // The lease of the chunk ran out a moment ago.
  void let_lease_end(std::string_view id, std::uint64_t chunk = 0) {
    call({"ZADD", "hongyan:{" + std::string(id) + "}:leases", "XX", std::to_string(now_ms() - 1),
          std::to_string(chunk)});
    tick(id);
  }
};

TEST_F(Claim, ChunkIsLeasedToOneEngineOnly) {
  make_running_job("a", 3);
  const auto first = claim("a", "e1");
  ASSERT_TRUE(first);
  EXPECT_EQ(first->states, "ccc");
  EXPECT_EQ(first->data, "data");
  EXPECT_EQ(first->epoch, 1u);
  EXPECT_FALSE(claim("a", "e2"));
  expect_consistent("a");
}

TEST_F(Claim, OnlyARunningJobIsClaimed) {
  make_running_job("a", 3);
  run(store().control("a", "pause", "li", "", -1));
  EXPECT_FALSE(claim("a"));
}

TEST_F(Claim, ChunksComeInAnyOrderButEachOnce) {
  make_job("a");
  plan("a", std::vector<std::string>(40, "q"), true);
  tick("a");
  std::map<std::uint64_t, int> seen;
  for (int i = 0; i < 40; ++i) {
    const auto chunk = run(store().claim("a", "e1", "1", Millis{20'000}, (i * 37 % 100) / 100.0));
    ASSERT_TRUE(chunk);
    ++seen[chunk->number];
  }
  EXPECT_EQ(seen.size(), 40u);
  EXPECT_FALSE(claim("a"));
}

TEST_F(Claim, RandomOfAlmostOneStaysInside) {
  make_running_job("a", 1);
  EXPECT_TRUE(run(store().claim("a", "e1", "1", Millis{20'000}, 0.9999999)));
}

TEST_F(Claim, LeaseOfADeadEngineReturnsAndWhatWasInFlightIsInDoubt) {
  make_running_job("a", 3);
  const auto dead = claim("a", "e1");
  commit("a", {mark(*dead, 1)});
  let_lease_end("a");
  EXPECT_EQ(states("a"), "quq");
  EXPECT_EQ(number("a", "attempts"), 1);
  const auto next = claim("a", "e2");
  ASSERT_TRUE(next);
  EXPECT_EQ(next->states, "cuc");
  EXPECT_EQ(next->epoch, dead->epoch + 1);
  expect_consistent("a");
}

TEST_F(Claim, LeaseThatIsExtendedDoesNotReturn) {
  make_running_job("a", 1);
  const auto chunk = claim("a", "e1", "1", 1);
  std::this_thread::sleep_for(5ms);
  EXPECT_EQ(run(store().extend("a", "e1", Millis{20'000}, {{0, chunk->epoch}, {0, 99}})),
            (std::vector<bool>{true, false}));
  tick("a");
  EXPECT_EQ(states("a"), "c");
  EXPECT_EQ(run(store().extend("a", "e2", Millis{20'000}, {{0, chunk->epoch}})),
            std::vector<bool>{false});
}

TEST_F(Claim, StaleMarkIsRefused) {
  make_running_job("a", 2);
  const auto frozen = claim("a", "e1");
  let_lease_end("a");
  EXPECT_EQ(commit("a", {mark(*frozen, 0)}).marks, "S");
  const auto next = claim("a", "e2");
  EXPECT_EQ(commit("a", {mark(*frozen, 0)}).marks, "S");
  // Another engine may not use the epoch of the first.
  EXPECT_EQ(commit("a", {mark(*next, 0)}, "e1").marks, "S");
  EXPECT_EQ(commit("a", {mark(*next, 0)}, "e2").marks, "f");
  expect_consistent("a");
}

TEST_F(Claim, StaleSettleIsAcceptedOnlyForRecipientsInDoubt) {
  make_running_job("a", 3);
  const auto frozen = claim("a", "e1");
  commit("a", {mark(*frozen, 0), mark(*frozen, 1)});
  let_lease_end("a");
  EXPECT_EQ(states("a"), "uuq");
  EXPECT_EQ(commit("a", {delivered(*frozen, 0), delivered(*frozen, 2),
                         settle(*frozen, 1, Settlement::kGivenBack),
                         settle(*frozen, 1, Settlement::kInDoubt)})
                .settles,
            "D---");
  EXPECT_EQ(states("a"), "Duq");
  EXPECT_EQ(number("a", "charged_micro_yuan"), kPrice);
  expect_consistent("a");
}

TEST_F(Claim, ResendOfADoubtfulRecipientKeepsItsOnePriceAndItsDate) {
  make_running_job("a", 1, {{"doubt_delay_ms", "0"}});
  auto chunk = claim("a", "e1");
  commit("a", {mark(*chunk, 0)});
  commit("a", {settle(*chunk, 0, Settlement::kInDoubt)});
  const auto first = chunk->claimed_at_ms;
  chunk = claim("a", "e2");
  ASSERT_TRUE(chunk);
  ASSERT_EQ(chunk->waits.size(), 1u);
  EXPECT_EQ(chunk->waits[0].state, 'u');
  EXPECT_EQ(chunk->waits[0].first_attempt_ms, first);
  EXPECT_EQ(chunk->waits[0].attempts, 1);
  EXPECT_EQ(number("a", "reserved_micro_yuan"), kPrice);
  expect_consistent("a");
  // Given back without an attempt it is in doubt as before.
  EXPECT_EQ(commit("a", {settle(*chunk, 0, Settlement::kGivenBack)}, "e2").settles, "u");
  expect_consistent("a");
  chunk = claim("a", "e2");
  EXPECT_EQ(commit("a", {mark(*chunk, 0, true)}, "e2").marks, "f");
  EXPECT_EQ(number("a", "reserved_micro_yuan"), kPrice);
  EXPECT_EQ(commit("a", {delivered(*chunk, 0)}, "e2").settles, "D");
  EXPECT_EQ(number("a", "reserved_micro_yuan"), 0);
  EXPECT_EQ(number("a", "charged_micro_yuan"), kPrice);
  expect_consistent("a");
}

TEST_F(Claim, DoubtfulRecipientsComeBackOnlyAfterTheDelay) {
  make_running_job("a", 2);
  const auto chunk = claim("a");
  commit("a", {mark(*chunk, 0)});
  commit("a", {settle(*chunk, 0, Settlement::kInDoubt), delivered(*chunk, 1)});
  EXPECT_FALSE(claim("a"));
  EXPECT_NEAR(static_cast<double>(call({"ZSCORE", "hongyan:{a}:due:1", "0"}).integer()),
              static_cast<double>(now_ms() + 900'000), 20'000);
}

TEST_F(Claim, NamesThatWouldBreakTheRecordsAreRefused) {
  make_running_job("a", 1);
  for (const std::string name : {"", "-", "two words", "tab\tbed"})
    EXPECT_TRUE(fcall("h1_claim", "a", {name, "1", "20000", "0.5"}).is_error()) << name;
  EXPECT_EQ(states("a"), "q");
}

TEST_F(Claim, ViewNamesGroupsWithSomethingWaiting) {
  make_job("a");
  plan("a", {"qq"}, false, "example.cn");
  plan("a", {"q"}, true);
  tick("a");
  auto view = run(store().view("a"));
  ASSERT_EQ(view.groups.size(), 2u);
  for (const auto& group : view.groups) EXPECT_EQ(group.due, 1) << group.domain;
  EXPECT_EQ(view.text("state"), "running");
  ASSERT_TRUE(claim("a", "e1", "1"));
  view = run(store().view("a"));
  ASSERT_EQ(view.groups.size(), 1u);
  EXPECT_EQ(view.groups[0].domain, "*");
  EXPECT_FALSE(run(store().view("unknown")).exists());
}

}  // namespace
}  // namespace hongyan::store::test
