#include "tests/integration/store/store_fixture.h"

namespace hongyan::store::test {
namespace {

class Doubt : public StoreTest {
 protected:
  // One recipient of two held, the other delivered: the job is done.
  void make_held(std::string_view id) {
    make_running_job(id, 2, {{"hold_doubt", "1"}});
    const auto chunk = claim(id);
    commit(id, {mark(*chunk, 0)});
    commit(id, {settle(*chunk, 0, Settlement::kInDoubt), delivered(*chunk, 1)});
    ASSERT_EQ(states(id), "HD");
    ASSERT_EQ(field(id, "state"), "done");
  }
  std::string settle_doubt(std::string id, std::string as) {
    return run(store().doubt(std::move(id), 0, 0, std::move(as), "", today_));
  }
};

TEST_F(Doubt, HeldRecipientsAreSettledOnce) {
  for (const auto& [as, letter] : {std::pair{"delivered", "D"}, {"drop", "C"}}) {
    make_held(as);
    EXPECT_EQ(number(as, "reserved_micro_yuan"), kPrice);
    EXPECT_EQ(settle_doubt(as, as), letter);
    for (const char* again : {"delivered", "drop", "resend"})
      EXPECT_GT(settle_doubt(as, again).size(), 1u);
    EXPECT_EQ(number(as, "reserved_micro_yuan"), 0);
    EXPECT_EQ(field(as, "state"), "done");
    EXPECT_EQ(call({"SISMEMBER", std::string(keys::kActive), as}).integer(), 1);
    expect_consistent(as);
  }
}

TEST_F(Doubt, ResendOpensAnEndedJobAgainWithTheFirstDate) {
  make_held("a");
  call({"ZADD", std::string(keys::kEnded), "1", "a"});
  EXPECT_EQ(settle_doubt("a", "resend"), "d");
  EXPECT_EQ(field("a", "state"), "running");
  EXPECT_EQ(number("a", "ended_at"), 0);
  EXPECT_EQ(call({"ZCARD", std::string(keys::kEnded)}).integer(), 0);
  expect_consistent("a");
  const auto chunk = claim("a");
  ASSERT_TRUE(chunk);
  EXPECT_EQ(chunk->states, "cD");
  EXPECT_EQ(chunk->waits.at(0).attempts, 1);
  EXPECT_GT(chunk->waits.at(0).first_attempt_ms, 0);
  commit("a", {mark(*chunk, 0, true)});
  EXPECT_EQ(commit("a", {delivered(*chunk, 0)}).state, "done");
  expect_consistent("a");
}

TEST_F(Doubt, CancelledAndExpiredJobsSendNothingAgain) {
  make_running_job("a", 2);
  const auto chunk = claim("a");
  commit("a", {mark(*chunk, 0)});
  commit("a", {settle(*chunk, 0, Settlement::kInDoubt)});
  run(store().control("a", "cancel", "li", "", -1));
  tick("a");
  EXPECT_EQ(states("a"), "Hc");
  EXPECT_NE(settle_doubt("a", "resend").find("cancelled"), std::string::npos);
  EXPECT_EQ(settle_doubt("a", "delivered"), "D");
  expect_consistent("a");
}

TEST_F(Doubt, RecipientInDoubtIsSettledWhileItsChunkIsLeased) {
  make_running_job("a", 2);
  const auto chunk = claim("a");
  commit("a", {mark(*chunk, 0)});
  commit("a", {settle(*chunk, 0, Settlement::kInDoubt)});
  EXPECT_EQ(settle_doubt("a", "resend"), "d");
  EXPECT_EQ(call({"ZCARD", "hongyan:{a}:due:1"}).integer(), 0);
  commit("a", {delivered(*chunk, 1)});
  EXPECT_TRUE(claim("a"));
  expect_consistent("a");
}

TEST_F(Doubt, UnknownJobsAndSettledRecipientsAreRefused) {
  EXPECT_EQ(settle_doubt("nobody", "drop"), "no such job");
  make_running_job("a", 1);
  EXPECT_EQ(settle_doubt("a", "drop"), "neither in doubt nor held");
}

TEST_F(Doubt, WhoWasPostponedKeepsTheDateOfThatTime) {
  make_running_job("a", 1);
  auto chunk = claim("a");
  commit("a", {settle(*chunk, 0, Settlement::kPostponed, Evidence::kNone, "1 12345 0")});
  EXPECT_EQ(states("a"), "w");
  chunk = claim("a");
  ASSERT_TRUE(chunk);
  EXPECT_EQ(chunk->waits.at(0).first_attempt_ms, 12345);
  commit("a", {mark(*chunk, 0)});
  commit("a", {settle(*chunk, 0, Settlement::kInDoubt)});
  EXPECT_EQ(states("a"), "u");
  const auto wait = std::string(call({"HGET", keys::waits("a", 0), "0"}).text());
  EXPECT_TRUE(wait.contains(" 12345 1 u")) << wait;
}

}  // namespace
}  // namespace hongyan::store::test
