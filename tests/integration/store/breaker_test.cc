#include "scheduler/breaker.h"

#include "tests/integration/store/store_fixture.h"

#include <algorithm>
#include <random>
#include <utility>

namespace hongyan::store::test {
namespace {

class StoredBreaker : public StoreTest {};

TEST_F(StoredBreaker, RuleIsTheSchedulersForRandomNumbers) {
  std::mt19937_64 random(7);
  std::vector<redis::Command> commands;
  std::vector<bool> expected;
  for (int i = 0; i < 20'000; ++i) {
    const auto n = static_cast<std::int64_t>(1 + random() % (i % 2 == 0 ? 1200 : 5000));
    const auto bad = std::min<std::int64_t>(n, static_cast<std::int64_t>(random() % (n / 12 + 4)));
    const auto recent_n = std::min<std::int64_t>(n, 1000);
    const auto recent_bad = std::min<std::int64_t>(bad, static_cast<std::int64_t>(random() % 70));
    commands.push_back(redis::Command("FCALL")
                           .arg("h1_breaker_trips")
                           .arg(0)
                           .arg(n)
                           .arg(bad)
                           .arg(recent_n)
                           .arg(recent_bad));
    expected.push_back(scheduler::breaker_trips(n, bad, recent_n, recent_bad));
  }
  const auto replies = client().pipeline(std::move(commands), std::chrono::seconds(60));
  ASSERT_TRUE(replies);
  for (std::size_t i = 0; i < expected.size(); ++i)
    ASSERT_EQ((*replies)[i].integer() == 1, expected[i]) << i;
}

TEST_F(StoredBreaker, WholeHistoriesTripAtTheSameOutcome) {
  for (const unsigned seed : {1u, 2u, 3u, 4u, 5u}) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    const std::string id = "h" + std::to_string(seed);
    make_job(id);
    plan(id, std::vector<std::string>(12, std::string(250, 'q')), true);
    tick(id);
    scheduler::Breaker breaker;
    bool tripped = false;
    while (!tripped) {
      const auto chunk = claim(id);
      if (!chunk) break;
      for (std::uint32_t i = 0; i < 250 && !tripped; i += 5) {
        std::vector<Step> steps;
        for (std::uint32_t k = i; k < i + 5; ++k) {
          const bool bad = random() % 1000 < seed * 12;
          steps.push_back(bad ? settle(*chunk, k, Settlement::kBounced, Evidence::kInvalidAddress)
                              : delivered(*chunk, k));
          bad ? breaker.record_bad() : breaker.record_accepted();
          tripped = tripped || breaker.verdict().trips;
        }
        const auto answer = commit(id, steps);
        ASSERT_EQ(answer.state == "tripped", tripped && answer.state != "done") << breaker.n();
        ASSERT_EQ(number(id, "recent_bad"), breaker.verdict().recent_bad);
      }
    }
    EXPECT_EQ(number(id, "breaker_n"), breaker.n());
    EXPECT_EQ(number(id, "breaker_bad"), breaker.verdict().bad);
    expect_consistent(id);
  }
}

// Batches that end beyond the last place of the ring, and one that is longer than the ring.
TEST_F(StoredBreaker, RingWrapsWithinOneCall) {
  for (const std::size_t batch : {7u, 1100u}) {
    SCOPED_TRACE(batch);
    std::mt19937 random(11);
    const std::string id = "w" + std::to_string(batch);
    make_job(id);
    plan(id, std::vector<std::string>(14, std::string(250, 'q')), true);
    tick(id);
    scheduler::Breaker breaker;
    std::vector<Step> steps;
    const auto settle_all = [&] {
      // A call takes its steps chunk by chunk.
      std::ranges::sort(steps, {},
                        [](const Step& step) { return std::pair(step.chunk, step.index); });
      for (const Step& step : steps)
        step.evidence == Evidence::kInvalidAddress ? breaker.record_bad()
                                                   : breaker.record_accepted();
      ASSERT_NE(commit(id, std::exchange(steps, {})).state, "tripped");
      ASSERT_EQ(number(id, "recent_bad"), breaker.verdict().recent_bad) << breaker.n();
    };
    while (const auto chunk = claim(id)) {
      for (std::uint32_t i = 0; i < 250; ++i) {
        const bool bad = random() % 1000 < 12;
        steps.push_back(bad ? settle(*chunk, i, Settlement::kBounced, Evidence::kInvalidAddress)
                            : delivered(*chunk, i));
        if (steps.size() == batch) settle_all();
      }
    }
    settle_all();
    EXPECT_EQ(number(id, "breaker_n"), 3500);
    expect_consistent(id);
  }
}

TEST_F(StoredBreaker, CanaryLetsFiftyOutAndDeferredOnesCountAmongThem) {
  make_running_job("a", 120);
  const auto chunk = claim("a");
  std::vector<Step> marks;
  for (std::uint32_t i = 0; i < 60; ++i) marks.push_back(mark(*chunk, i));
  const auto answer = commit("a", marks);
  EXPECT_EQ(answer.marks, std::string(50, 'f') + std::string(10, 'C'));
  EXPECT_EQ(answer.allowed_out, 50);
  commit("a", {settle(*chunk, 0, Settlement::kDeferred, Evidence::kNone, "9999999999999 1 1")});
  EXPECT_EQ(commit("a", {mark(*chunk, 51)}).marks, "C");
  // A deferred one that is tried again is no further message.
  EXPECT_EQ(commit("a", {mark(*chunk, 52, true)}).marks, "f");
  std::vector<Step> answers;
  for (std::uint32_t i = 1; i < 50; ++i) answers.push_back(delivered(*chunk, i));
  answers.push_back(delivered(*chunk, 52));
  EXPECT_EQ(commit("a", answers).allowed_out, 50);
  EXPECT_EQ(commit("a", {mark(*chunk, 53)}).marks, "f");
  expect_consistent("a");
}

TEST_F(StoredBreaker, TrippedJobReportsWhatWasInFlightAndSendsNothingMore) {
  make_running_job("a", 80);
  const auto chunk = claim("a");
  std::vector<Step> marks;
  for (std::uint32_t i = 0; i < 50; ++i) marks.push_back(mark(*chunk, i));
  commit("a", marks);
  std::vector<Step> bad;
  for (std::uint32_t i = 0; i < 25; ++i)
    bad.push_back(settle(*chunk, i, Settlement::kBounced, Evidence::kInvalidAddress));
  for (std::uint32_t i = 50; i < 75; ++i)
    bad.push_back(settle(*chunk, i, Settlement::kBounced, Evidence::kInvalidAddress));
  EXPECT_EQ(commit("a", bad).state, "tripped");
  EXPECT_EQ(commit("a", {mark(*chunk, 76)}).marks, "P");
  commit("a", {delivered(*chunk, 30), delivered(*chunk, 31),
               settle(*chunk, 32, Settlement::kGivenBack)});
  EXPECT_EQ(number("a", "sent_after_trip"), 2);
  EXPECT_NE(field("a", "reason").find("50 of 50"), std::string::npos) << field("a", "reason");
  EXPECT_NE(run(store().control("a", "pause", "li", "", -1)), "done");
  EXPECT_EQ(field("a", "state"), "tripped");
  expect_consistent("a");
}

TEST_F(StoredBreaker, BudgetedResumeSendsThatManyAndTripsAgain) {
  make_running_job("a", 30);
  const auto chunk = claim("a");
  set("a", "breaker_n", 60);
  call({"HSET", keys::job("a"), "state", "tripped"});
  EXPECT_EQ(run(store().control("a", "resume", "li", "list was cleaned", 2)), "done");
  EXPECT_EQ(number("a", "breaker_n"), 0);
  EXPECT_EQ(commit("a", {mark(*chunk, 0), mark(*chunk, 1), mark(*chunk, 2)}).marks, "ffP");
  EXPECT_EQ(field("a", "state"), "tripped");
  EXPECT_NE(field("a", "reason").find("budget"), std::string::npos);
  // A retry costs budget as well.
  EXPECT_EQ(run(store().control("a", "resume", "li", "", 0)), "done");
  EXPECT_EQ(commit("a", {mark(*chunk, 3, true)}).marks, "P");
  EXPECT_EQ(run(store().control("a", "resume", "li", "", -1)), "done");
  EXPECT_EQ(commit("a", {mark(*chunk, 4)}).marks, "f");
  expect_consistent("a");
}

}  // namespace
}  // namespace hongyan::store::test
