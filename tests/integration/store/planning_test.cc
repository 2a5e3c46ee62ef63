#include "tests/integration/store/store_fixture.h"

namespace hongyan::store::test {
namespace {

class Planning : public StoreTest {
 protected:
  bool write(std::string_view id, std::string_view engine, std::string_view epoch,
             PlannedChunk chunk) {
    return run(store().plan_chunk(std::string(id), std::string(engine), std::string(epoch),
                                  std::move(chunk)));
  }
  void end_plan_lease(std::string_view id) { set(id, "plan_until", 1); }
};

TEST_F(Planning, ChunkWrittenTwiceCountsOnce) {
  make_job("a");
  const auto lease = run(store().plan_lease("a", "e1"));
  run(store().plan_begin("a", "e1", lease->epoch, 0));
  for (int i = 0; i < 3; ++i)
    EXPECT_TRUE(write("a", "e1", lease->epoch, {0, "*", "data", "qIq", "", {1, 2}}));
  EXPECT_EQ(states("a"), "qIq");
  EXPECT_EQ(number("a", "total"), 3);
  EXPECT_EQ(number("a", "invalid"), 1);
  expect_consistent("a");
}

TEST_F(Planning, ChunkOfOtherRecipientsUnderAWrittenNumberAndAGapAreErrors) {
  make_job("a");
  const auto lease = run(store().plan_lease("a", "e1"));
  run(store().plan_begin("a", "e1", lease->epoch, 0));
  write("a", "e1", lease->epoch, {0, "*", "data", "qq", "", {1, 2}});
  EXPECT_TRUE(
      fcall("h1_plan_chunk", "a", {"e1", lease->epoch, "0", "*", "x", "q", "", "9"}).is_error());
  EXPECT_TRUE(
      fcall("h1_plan_chunk", "a", {"e1", lease->epoch, "2", "*", "x", "q", "", "9"}).is_error());
  expect_consistent("a");
}

TEST_F(Planning, OnePlannerAtATimeAndADeadOneIsFenced) {
  make_job("a");
  const auto dead = run(store().plan_lease("a", "e1"));
  ASSERT_TRUE(dead);
  EXPECT_FALSE(run(store().plan_lease("a", "e2")));
  end_plan_lease("a");
  const auto next = run(store().plan_lease("a", "e2"));
  ASSERT_TRUE(next);
  EXPECT_FALSE(write("a", "e1", dead->epoch, {0, "*", "data", "q", "", {1}}));
  EXPECT_FALSE(run(store().plan_commit("a", "e1", dead->epoch, {}, true)));
  EXPECT_EQ(number("a", "total"), 0);
}

TEST_F(Planning, StepOfADeadPlannerIsRepeatedAsItWas) {
  make_job("a");
  call({"RPUSH", "hongyan:{a}:recipients", "i1", "i2", "i3"});
  const auto dead = run(store().plan_lease("a", "e1"));
  const auto begun = run(store().plan_begin("a", "e1", dead->epoch, 2));
  EXPECT_TRUE(begun->groups.empty());
  write("a", "e1", dead->epoch, {0, "new.example", "data", "qq", "", {1, 2}});
  end_plan_lease("a");
  const auto next = run(store().plan_lease("a", "e2"));
  EXPECT_EQ(next->step_items, 2);
  EXPECT_EQ(next->items_waiting, 3);
  const auto again = run(store().plan_begin("a", "e2", next->epoch, 3));
  EXPECT_EQ(again->items, 2);
  EXPECT_EQ(again->first_chunk, 0u);
  EXPECT_EQ(again->lines_before, 0u);
  EXPECT_TRUE(again->groups.empty());  // not the one the dead planner made
  EXPECT_TRUE(write("a", "e2", next->epoch, {0, "new.example", "data", "qq", "", {1, 2}}));
  EXPECT_TRUE(write("a", "e2", next->epoch, {1, "*", "data", "q", "", {3}}));
  EXPECT_TRUE(run(store().plan_commit("a", "e2", next->epoch, {7}, false)));
  EXPECT_EQ(number("a", "queued"), 3);
  EXPECT_EQ(number("a", "duplicate"), 0);
  EXPECT_EQ(call({"LRANGE", "hongyan:{a}:recipients", "0", "-1"})[0].text(), "i3");
  EXPECT_EQ(call({"GETBIT", "hongyan:{a}:blocks", "7"}).integer(), 1);
  // The reply was lost: committing again takes nothing more off the list.
  EXPECT_TRUE(run(store().plan_commit("a", "e2", next->epoch, {7}, false)));
  EXPECT_EQ(call({"LLEN", "hongyan:{a}:recipients"}).integer(), 1);
  const auto third = run(store().plan_begin("a", "e2", next->epoch, 1));
  EXPECT_EQ(third->lines_before, 3u);
  EXPECT_EQ(third->groups.size(), 2u);
}

TEST_F(Planning, BlockNumberThatWouldMakeAHugeBitmapIsAnError) {
  make_job("a");
  const auto lease = run(store().plan_lease("a", "e1"));
  EXPECT_TRUE(fcall("h1_plan_commit", "a", {"e1", lease->epoch, "3 4294967295", "0"}).is_error());
  EXPECT_EQ(call({"EXISTS", "hongyan:{a}:blocks"}).integer(), 0);
}

TEST_F(Planning, DuplicatesAreFoundAcrossChunksAndGenerationsOfBuckets) {
  make_job("a");
  const auto lease = run(store().plan_lease("a", "e1"));
  run(store().plan_begin("a", "e1", lease->epoch, 0));
  const auto fingerprint = [](std::uint64_t i) { return (i * 0x9E3779B97F4A7C15u + 5) >> 1; };
  constexpr std::uint64_t kDistinct = 6000;  // the first generation takes 4,096
  std::uint64_t chunk = 0;
  for (std::uint64_t i = 0; i < kDistinct; i += 250) {
    PlannedChunk one{chunk++, "*", "d", std::string(250, 'q'), {}, {}};
    for (std::uint64_t k = i; k < i + 250; ++k) one.fingerprints.push_back(fingerprint(k));
    ASSERT_TRUE(write("a", "e1", lease->epoch, std::move(one)));
  }
  EXPECT_EQ(number("a", "duplicate"), 0);
  for (std::uint64_t i = 0; i < kDistinct; i += 250) {
    PlannedChunk one{chunk++, "*", "d", std::string(250, 'q'), {}, {}};
    for (std::uint64_t k = i; k < i + 250; ++k) one.fingerprints.push_back(fingerprint(k));
    ASSERT_TRUE(write("a", "e1", lease->epoch, std::move(one)));
  }
  EXPECT_EQ(number("a", "duplicate"), static_cast<std::int64_t>(kDistinct));
  EXPECT_EQ(number("a", "queued"), static_cast<std::int64_t>(kDistinct));
  // The largest fingerprints there are, and one address twice in a chunk.
  const std::uint64_t most = ~std::uint64_t{0} >> 1;
  write("a", "e1", lease->epoch, {chunk, "*", "d", "qqqq", "", {most, most, most - 1, 0}});
  EXPECT_EQ(states("a", chunk), "qUqq");
  EXPECT_EQ(call({"EXISTS", "hongyan:{a}:fp:1:16", "hongyan:{a}:fp:2:256"}).integer(), 0);
  run(store().plan_commit("a", "e1", lease->epoch, {}, true));
  tick("a");
  EXPECT_EQ(call({"KEYS", "hongyan:{a}:fp:*"}).array().size(), 0u);
}

TEST_F(Planning, CancelledAndExpiredJobsAreNotPlannedFurther) {
  make_job("a");
  const auto lease = run(store().plan_lease("a", "e1"));
  run(store().control("a", "cancel", "li", "", -1));
  EXPECT_FALSE(write("a", "e1", lease->epoch, {0, "*", "data", "q", "", {1}}));
  EXPECT_FALSE(run(store().plan_lease("a", "e1")));
  make_job("b");
  const auto late = run(store().plan_lease("b", "e1"));
  set("b", "expires_at", 1);
  tick("b");
  EXPECT_FALSE(write("b", "e1", late->epoch, {0, "*", "data", "q", "", {1}}));
  EXPECT_EQ(field("b", "state"), "done");
  EXPECT_EQ(field("b", "reason"), "expires_after");
}

TEST_F(Planning, StoppedPlanningWaitsForItsOperator) {
  make_job("a");
  const auto lease = run(store().plan_lease("a", "e1"));
  EXPECT_TRUE(run(store().plan_stop("a", "e1", lease->epoch, "list-incomplete")));
  EXPECT_EQ(field("a", "state"), "paused");
  run(store().control("a", "resume", "li", "fine", -1));
  EXPECT_EQ(field("a", "state"), "planning");
  EXPECT_EQ(number("a", "list_accepted"), 1);
}

}  // namespace
}  // namespace hongyan::store::test
