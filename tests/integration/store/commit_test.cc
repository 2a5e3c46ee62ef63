#include "store/reply_log.h"
#include "tests/integration/store/store_fixture.h"

#include <random>
#include <thread>

namespace hongyan::store::test {
namespace {

class Commit : public StoreTest {};

std::string wait_at(std::int64_t due, std::int64_t first, int attempts) {
  return std::to_string(due) + " " + std::to_string(first) + " " + std::to_string(attempts);
}

TEST_F(Commit, MarkReservesAndDeliveryCharges) {
  make_running_job("a", 2);
  const auto chunk = claim("a");
  ASSERT_TRUE(chunk);
  EXPECT_EQ(commit("a", {mark(*chunk, 0)}).marks, "f");
  EXPECT_EQ(number("a", "reserved_micro_yuan"), kPrice);
  const auto answer = commit("a", {delivered(*chunk, 0), mark(*chunk, 1)});
  EXPECT_EQ(answer.settles, "D");
  EXPECT_EQ(answer.marks, "f");
  EXPECT_EQ(number("a", "charged_micro_yuan"), kPrice);
  EXPECT_EQ(number("a", "reserved_micro_yuan"), kPrice);
  expect_consistent("a");
}

TEST_F(Commit, SettlingTwiceChargesOnce) {
  make_running_job("a", 2);
  const auto chunk = claim("a");
  commit("a", {mark(*chunk, 0)});
  EXPECT_EQ(commit("a", {delivered(*chunk, 0)}).settles, "D");
  EXPECT_EQ(commit("a", {delivered(*chunk, 0)}).settles, "-");
  EXPECT_EQ(commit("a", {delivered(*chunk, 0), delivered(*chunk, 0)}).settles, "--");
  EXPECT_EQ(number("a", "charged_micro_yuan"), kPrice);
  EXPECT_EQ(number("a", "delivered"), 1);
  expect_consistent("a");
}

TEST_F(Commit, EveryOutcomeHasItsStateAndOnlyDeliveredCosts) {
  make_running_job("a", 9);
  const auto chunk = claim("a");
  std::vector<Step> marks;
  for (std::uint32_t i = 0; i < 6; ++i) marks.push_back(mark(*chunk, i));
  ASSERT_EQ(commit("a", marks).marks, "ffffff");
  const std::int64_t later = now_ms() + 60'000;
  const auto answer = commit(
      "a",
      {delivered(*chunk, 0), settle(*chunk, 1, Settlement::kBounced, Evidence::kInvalidAddress),
       settle(*chunk, 2, Settlement::kExpired),
       settle(*chunk, 3, Settlement::kDeferred, Evidence::kNone, wait_at(later, 1, 1)),
       settle(*chunk, 4, Settlement::kInDoubt), settle(*chunk, 5, Settlement::kGivenBack),
       settle(*chunk, 6, Settlement::kInvalid), settle(*chunk, 7, Settlement::kSuppressed),
       settle(*chunk, 8, Settlement::kPostponed, Evidence::kNone, wait_at(later, 0, 0))});
  EXPECT_EQ(answer.settles, "DBXduqISw");
  EXPECT_EQ(states("a"), "DBXduqISw");
  EXPECT_EQ(number("a", "attempts"), 5);
  EXPECT_EQ(number("a", "breaker_n"), 2);
  EXPECT_EQ(number("a", "breaker_bad"), 1);
  expect_consistent("a");
}

TEST_F(Commit, DeferredAndPostponedComeBackAtTheirTimeWithWhatWasKnown) {
  make_running_job("a", 2);
  auto chunk = claim("a");
  commit("a", {settle(*chunk, 0, Settlement::kDeferred, Evidence::kNone, wait_at(0, 1234, 3)),
               settle(*chunk, 1, Settlement::kPostponed, Evidence::kNone,
                      wait_at(now_ms() + 3'600'000, 0, 0))});
  chunk = claim("a");
  ASSERT_TRUE(chunk);
  EXPECT_EQ(chunk->states, "cw");
  ASSERT_EQ(chunk->waits.size(), 1u);
  EXPECT_EQ(chunk->waits[0].first_attempt_ms, 1234);
  EXPECT_EQ(chunk->waits[0].attempts, 3);
  EXPECT_EQ(chunk->waits[0].state, 'd');
  EXPECT_EQ(commit("a", {settle(*chunk, 0, Settlement::kGivenBack)}).settles, "d");
  expect_consistent("a");
}

TEST_F(Commit, RecipientSettledAfterADeferralLeavesNothingDueBehind) {
  make_running_job("a", 2);
  auto chunk = claim("a");
  const std::int64_t later = now_ms() + 3'600'000;
  commit("a", {settle(*chunk, 0, Settlement::kDeferred, Evidence::kNone, wait_at(0, 1, 1)),
               settle(*chunk, 1, Settlement::kDeferred, Evidence::kNone, wait_at(later, 1, 1))});
  chunk = claim("a");
  ASSERT_TRUE(chunk);
  commit("a", {delivered(*chunk, 0)});
  EXPECT_EQ(states("a"), "Dd");
  // Due when the other is, not at once and for ever.
  EXPECT_EQ(call({"ZSCORE", "hongyan:{a}:due:1", "0"}).integer(), later);
  EXPECT_EQ(call({"HLEN", keys::waits("a", 0)}).integer(), 1);
  expect_consistent("a");
}

TEST_F(Commit, LastSettleEndsTheJob) {
  make_running_job("a", 2);
  const auto chunk = claim("a");
  commit("a", {delivered(*chunk, 0)});
  EXPECT_EQ(field("a", "state"), "running");
  const auto answer = commit("a", {delivered(*chunk, 1)});
  EXPECT_EQ(answer.state, "done");
  EXPECT_GT(number("a", "ended_at"), 0);
  EXPECT_EQ(call({"EXISTS", keys::waits("a", 0)}).integer(), 0);
  EXPECT_EQ(call({"ZCARD", "hongyan:{a}:due:1"}).integer(), 0);
  EXPECT_EQ(call({"ZCARD", "hongyan:{a}:leases"}).integer(), 0);
  expect_consistent("a");
}

TEST_F(Commit, AtMaxSpendTheJobPausesAndCannotResume) {
  make_running_job("a", 3, {{"max_spend_micro_yuan", "14000"}});
  const auto chunk = claim("a");
  EXPECT_EQ(commit("a", {mark(*chunk, 0), mark(*chunk, 1), mark(*chunk, 2)}).marks, "ffM");
  // In flight ones may come back unsent: not spent yet.
  EXPECT_EQ(field("a", "state"), "running");
  commit("a", {settle(*chunk, 0, Settlement::kBounced)});
  EXPECT_EQ(commit("a", {mark(*chunk, 2)}).marks, "f");
  commit("a", {delivered(*chunk, 1), delivered(*chunk, 2)});
  EXPECT_EQ(number("a", "charged_micro_yuan"), 2 * kPrice);
  expect_consistent("a");
}

TEST_F(Commit, SpentJobIsPausedAtTheNextMarkAndStaysSo) {
  make_running_job("a", 3, {{"max_spend_micro_yuan", "7000"}});
  const auto chunk = claim("a");
  commit("a", {mark(*chunk, 0)});
  EXPECT_EQ(commit("a", {delivered(*chunk, 0), mark(*chunk, 1)}).marks, "M");
  EXPECT_EQ(field("a", "state"), "paused");
  EXPECT_EQ(field("a", "reason"), "max_spend");
  EXPECT_NE(run(store().control("a", "resume", "li", "", -1)).find("max_spend"), std::string::npos);
  expect_consistent("a");
}

TEST_F(Commit, HeldRecipientsKeepTheirShareOfMaxSpend) {
  make_running_job("a", 3, {{"max_spend_micro_yuan", "7000"}, {"hold_doubt", "1"}});
  const auto chunk = claim("a");
  commit("a", {mark(*chunk, 0)});
  EXPECT_EQ(commit("a", {settle(*chunk, 0, Settlement::kInDoubt)}).settles, "H");
  // Nothing in flight could free the price: waiting on would be for ever.
  EXPECT_EQ(commit("a", {mark(*chunk, 1)}).marks, "M");
  EXPECT_EQ(field("a", "reason"), "max_spend");
  EXPECT_EQ(run(store().doubt("a", 0, 0, "drop", "", today_)), "C");
  EXPECT_EQ(run(store().control("a", "resume", "li", "", -1)), "done");
  EXPECT_EQ(commit("a", {mark(*chunk, 1)}).marks, "f");
  expect_consistent("a");
}

TEST_F(Commit, StoppedJobMarksNothingButSettles) {
  make_running_job("a", 4);
  const auto chunk = claim("a");
  commit("a", {mark(*chunk, 0)});
  run(store().control("a", "pause", "li", "", -1));
  const auto answer = commit("a", {delivered(*chunk, 0), mark(*chunk, 1)});
  EXPECT_EQ(answer.settles, "D");
  EXPECT_EQ(answer.marks, "P");
  EXPECT_EQ(answer.state, "paused");
  expect_consistent("a");
}

TEST_F(Commit, ExpiredJobMarksNothing) {
  make_running_job("a", 2);
  const auto chunk = claim("a");
  set("a", "expires_at", now_ms() - 1);
  EXPECT_EQ(commit("a", {mark(*chunk, 0)}).marks, "P");
  EXPECT_EQ(commit("a", {settle(*chunk, 0, Settlement::kGivenBack)}).settles, "X");
  EXPECT_FALSE(claim("a"));
  expect_consistent("a");
}

TEST_F(Commit, WhatComesBackToACancelledJobIsCancelled) {
  make_running_job("a", 5);
  const auto chunk = claim("a");
  commit("a", {mark(*chunk, 0), mark(*chunk, 1), mark(*chunk, 2)});
  run(store().control("a", "cancel", "li", "", -1));
  const std::int64_t later = now_ms() + 1000;
  const auto answer = commit(
      "a", {delivered(*chunk, 0),
            settle(*chunk, 1, Settlement::kDeferred, Evidence::kNone, wait_at(later, 1, 1)),
            settle(*chunk, 2, Settlement::kInDoubt), settle(*chunk, 3, Settlement::kGivenBack),
            settle(*chunk, 4, Settlement::kPostponed, Evidence::kNone, wait_at(later, 0, 0))});
  EXPECT_EQ(answer.settles, "DCHCC");
  EXPECT_EQ(answer.state, "cancelled");
  EXPECT_GT(number("a", "ended_at"), 0);
  expect_consistent("a");
}

TEST_F(Commit, MarkTakenBackGivesPriceAndBudgetBack) {
  make_running_job("a", 2);
  set("a", "budget", 5);
  const auto chunk = claim("a");
  commit("a", {mark(*chunk, 0)});
  EXPECT_EQ(number("a", "budget"), 4);
  EXPECT_EQ(commit("a", {settle(*chunk, 0, Settlement::kGivenBack)}).settles, "q");
  EXPECT_EQ(number("a", "budget"), 5);
  EXPECT_EQ(number("a", "attempts"), 0);
  expect_consistent("a");
}

TEST_F(Commit, RedisClockDecidesTheDayOfACharge) {
  make_running_job("a", 2);
  const auto chunk = claim("a");
  today_ = {"2026-11-20", now_ms() + 60'000, "2026-11-21"};
  commit("a", {delivered(*chunk, 0)});
  // The call was built before midnight and arrived after it.
  today_ = {"2026-11-20", now_ms() - 1, "2026-11-21"};
  commit("a", {delivered(*chunk, 1)});
  EXPECT_EQ(call({"HGET", "hongyan:{a}:days", "2026-11-20"}).integer(), 1);
  EXPECT_EQ(call({"HGET", "hongyan:{a}:days", "2026-11-21"}).integer(), 1);
  EXPECT_EQ(number("a", "charge_seq"), 2);
}

TEST_F(Commit, RepliesAreAppendedInOrderAndTheLastOneCounts) {
  make_running_job("a", 2);
  const auto chunk = claim("a");
  commit("a", {settle(*chunk, 0, Settlement::kDeferred, Evidence::kNone, wait_at(0, 1, 1),
                      encode_reply({0, 100, 1, "451 later"}, 200)),
               settle(*chunk, 1, Settlement::kBounced, Evidence::kInvalidAddress, "",
                      encode_reply({1, 101, 1, "550 no"}, 200))});
  const auto again = claim("a");
  commit("a", {settle(*again, 0, Settlement::kDelivered, Evidence::kAccepted, "",
                      encode_reply({0, 200, 2, "250 ok"}, 40))});
  const auto log = decode_replies(call({"GET", keys::replies("a", 0)}).text());
  ASSERT_EQ(log.size(), 2u);
  EXPECT_EQ(log.at(0).text, "250 ok");
  EXPECT_EQ(log.at(0).attempts, 2);
  EXPECT_EQ(log.at(1).text, "550 no");
}

TEST_F(Commit, StepsOfManyChunksAreAnsweredInTheCallersOrder) {
  make_job("a");
  plan("a", {"qq", "qq", "qq"}, true);
  tick("a");
  std::map<std::uint64_t, ClaimedChunk> chunks;
  for (int i = 0; i < 3; ++i) {
    auto chunk = claim("a");
    ASSERT_TRUE(chunk);
    chunks.emplace(chunk->number, *chunk);
  }
  const auto answer =
      commit("a", {delivered(chunks[2], 0), settle(chunks[0], 1, Settlement::kBounced),
                   settle(chunks[1], 0, Settlement::kExpired), delivered(chunks[0], 0)});
  EXPECT_EQ(answer.settles, "DBXD");
  EXPECT_EQ(states("a", 0), "DB");
  EXPECT_EQ(states("a", 1), "Xc");
  EXPECT_EQ(states("a", 2), "Dc");
  expect_consistent("a");
}

TEST_F(Commit, StepsOfAnOldAndOfTheNewLeaseOfAChunkSeeEachOther) {
  make_running_job("a", 4, {{"doubt_delay_ms", "0"}});
  const auto old = claim("a", "e1", "1", 1);
  commit("a", {mark(*old, 0), mark(*old, 1)});
  std::this_thread::sleep_for(std::chrono::milliseconds(10));
  tick("a");
  const auto fresh = claim("a");
  ASSERT_TRUE(fresh);
  ASSERT_GT(fresh->epoch, old->epoch);
  EXPECT_EQ(states("a"), "cccc");
  commit("a", {mark(*fresh, 0), settle(*fresh, 1, Settlement::kInDoubt)});
  // The late answer for 1, which is in doubt, and the rest of the lease.
  EXPECT_EQ(commit("a", {delivered(*old, 1), delivered(*old, 0), delivered(*fresh, 0),
                         delivered(*fresh, 1), delivered(*fresh, 2), delivered(*fresh, 3)})
                .settles,
            "D-D-DD");
  EXPECT_EQ(states("a"), "DDDD");
  EXPECT_EQ(field("a", "state"), "done");
  expect_consistent("a");
}

TEST_F(Commit, LettersOfManyStepsLandWhereTheyBelong) {
  make_running_job("a", 256);
  const auto chunk = claim("a");
  std::string wanted(256, 'c');
  std::mt19937 random(7);
  for (int round = 0; round < 40; ++round) {
    std::vector<Step> steps;
    for (int i = 0; i < 5; ++i) {
      const std::uint32_t index = random() % 256;
      if (wanted[index] == 'c') {
        steps.push_back(mark(*chunk, index, true));
        wanted[index] = 'f';
      } else if (wanted[index] == 'f') {
        steps.push_back(delivered(*chunk, index));
        wanted[index] = 'D';
      }
    }
    commit("a", steps);
    ASSERT_EQ(states("a"), wanted);
  }
  expect_consistent("a");
}

TEST_F(Commit, AnOutcomeIsToldOnceInTheSameStep) {
  make_running_job("a", 3);
  const auto chunk = claim("a");
  Step told = delivered(*chunk, 0);
  told.event = R"("address":"li@x.example","row":7)";
  Step back = settle(*chunk, 1, Settlement::kGivenBack);
  back.event = told.event;
  EXPECT_EQ(commit("a", {told, delivered(*chunk, 2), back}).settles, "DDq");
  EXPECT_EQ(commit("a", {told}).settles, "-");
  std::vector<std::string> outcomes;
  for (const auto& one : call({"LRANGE", keys::of_job("a", "outbox"), "0", "-1"}).array())
    if (one.text().contains("recipient.outcome")) outcomes.emplace_back(one.text());
  ASSERT_EQ(outcomes.size(), 1u);
  EXPECT_TRUE(
      outcomes[0].contains(R"("data":{"outcome":"delivered","address":"li@x.example","row":7}})"))
      << outcomes[0];
}

}  // namespace
}  // namespace hongyan::store::test
