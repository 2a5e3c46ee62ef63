#include "tests/integration/store/store_fixture.h"

namespace hongyan::store::test {
namespace {

class Upkeep : public StoreTest {};
constexpr std::int64_t kDay = 24 * 3'600'000;

TEST_F(Upkeep, ScheduledJobPlansAtItsTimeAndRunsWhenTheCanaryIsReady) {
  make_job("a", {{"send_at", std::to_string(now_ms() + kDay)}});
  tick("a");
  EXPECT_EQ(field("a", "state"), "scheduled");
  set("a", "send_at", now_ms() - 1);
  tick("a");
  EXPECT_EQ(field("a", "state"), "planning");
  plan("a", {"qqq"}, false);
  tick("a");
  EXPECT_EQ(field("a", "state"), "planning");
  set("a", "planning_since", now_ms() - 30'001);
  tick("a");
  EXPECT_EQ(field("a", "state"), "running");
}

TEST_F(Upkeep, ListThatStaysSilentForADayPausesTheJobAndResumeAcceptsIt) {
  make_job("a");
  plan("a", {"qq"}, false);
  set("a", "created_at", now_ms() - 2 * kDay);
  set("a", "list_touched_at", now_ms() - kDay - 1);
  call({"RPUSH", "hongyan:{a}:recipients", "came while no planner lived"});
  tick("a");
  EXPECT_EQ(field("a", "state"), "planning");
  call({"DEL", "hongyan:{a}:recipients"});
  tick("a");
  EXPECT_EQ(field("a", "state"), "paused");
  EXPECT_EQ(field("a", "reason"), "list-incomplete");
  EXPECT_EQ(run(store().control("a", "resume", "li", "", -1)), "done");
  tick("a");
  EXPECT_NE(field("a", "state"), "paused");
}

TEST_F(Upkeep, CancelIsCarriedThroughTheChunksAFewAtATime) {
  make_job("a");
  plan("a", {"qq", "qI", "qq", "qq", "qq"}, true);
  tick("a");
  const auto chunk = claim("a");
  commit("a", {mark(*chunk, 0)});
  run(store().control("a", "cancel", "li", "", -1));
  int rounds = 0;
  while (run(store().tick("a", 2))->work_left && ++rounds < 20) expect_consistent("a");
  EXPECT_GT(rounds, 1);
  EXPECT_EQ(number("a", "queued"), 0);
  EXPECT_EQ(number("a", "ended_at"), 0);
  commit("a", {delivered(*chunk, 0), settle(*chunk, 1, Settlement::kGivenBack)});
  EXPECT_GT(number("a", "ended_at"), 0);
  EXPECT_EQ(field("a", "state"), "cancelled");
  expect_consistent("a");
}

TEST_F(Upkeep, ExpiryEndsWhatWaitsAndHoldsWhatIsInDoubt) {
  make_job("a");
  plan("a", {"qqqq", "qq"}, true);
  tick("a");
  const auto chunk = run(store().claim("a", "e1", "1", Millis{20'000}, 0.0));
  ASSERT_EQ(chunk->number, 0u);
  commit("a", {mark(*chunk, 0), mark(*chunk, 1)});
  commit("a", {settle(*chunk, 0, Settlement::kInDoubt),
               settle(*chunk, 2, Settlement::kDeferred, Evidence::kNone, "9999999999999 1 1")});
  set("a", "expires_at", now_ms() - 1);
  tick("a", 2);
  EXPECT_EQ(states("a", 0), "HfXc");
  EXPECT_EQ(states("a", 1), "XX");
  EXPECT_EQ(commit("a", {delivered(*chunk, 1), settle(*chunk, 3, Settlement::kGivenBack)}).settles,
            "DX");
  EXPECT_EQ(field("a", "state"), "done");
  EXPECT_EQ(field("a", "reason"), "expires_after");
  expect_consistent("a");
}

TEST_F(Upkeep, TickOfAnUnknownOrRemovedJobIsNothing) {
  EXPECT_FALSE(run(store().tick("nobody", 10)));
}

TEST_F(Upkeep, AListExpiresOnlyWhileNoJobWantsIt) {
  const std::string list = keys::of_job("a", "recipients");
  const auto expire = [&] { return fcall("h1_expire_list", "a", {"60000"}).integer(); };
  const auto left = [&] { return call({"PTTL", list}).integer(); };
  call({"RPUSH", list, "x"});
  EXPECT_EQ(expire(), 1);
  EXPECT_GT(left(), 0);
  EXPECT_EQ(expire(), 0);  // looking again prolongs nothing
  make_job("a");
  EXPECT_EQ(left(), -1);
  EXPECT_EQ(expire(), 0);
  EXPECT_EQ(left(), -1);
  // Pushed for an id that cannot be used any more.
  fcall("h1_bury", "a", {"1000000"});
  call({"RPUSH", list, "x"});
  EXPECT_EQ(expire(), 1);
}

}  // namespace
}  // namespace hongyan::store::test
