#include "tests/integration/store/store_fixture.h"

namespace hongyan::store::test {
namespace {

class Intake : public StoreTest {
 protected:
  IntakeVerdict submit(std::string id, std::string digest) {
    return run(store().intake({std::move(id),
                               std::move(digest),
                               "{}",
                               {{"price_micro_yuan", "7000"}, {"tenant", "acme"}}}));
  }
  std::string control(std::string id, std::string op, std::string reason = {},
                      std::int64_t budget = -1) {
    return run(store().control(std::move(id), std::move(op), "li", std::move(reason), budget));
  }
};

TEST_F(Intake, SameContentAgainIsNoJob) {
  EXPECT_EQ(submit("a", "d1"), IntakeVerdict::kCreated);
  set("a", "delivered", 5);
  EXPECT_EQ(submit("a", "d1"), IntakeVerdict::kSame);
  EXPECT_EQ(number("a", "delivered"), 5);
}

TEST_F(Intake, OtherContentUnderAUsedIdDiffers) {
  submit("a", "d1");
  EXPECT_EQ(submit("a", "d2"), IntakeVerdict::kDiffers);
}

TEST_F(Intake, JobRemovedAfterRetentionLeavesATombstoneThatRefusesBothDigests) {
  submit("a", "d1");
  plan("a", {"qqI", "q"}, true);
  call({"SET", "hongyan:{a}:blob:logo", "png"});
  fcall("h1_erase", "a", {"0", "2"});
  fcall("h1_bury", "a", {"86400000", "logo"});
  EXPECT_EQ(submit("a", "d1"), IntakeVerdict::kTombstone);
  EXPECT_EQ(submit("a", "d2"), IntakeVerdict::kDiffers);
  const auto left = call({"KEYS", "hongyan:{a}:*"});
  ASSERT_EQ(left.array().size(), 1u) << left[1].text();
  EXPECT_EQ(left[0].text(), "hongyan:{a}:job");
  EXPECT_EQ(call({"HLEN", "hongyan:{a}:job"}).integer(), 2);
  EXPECT_GT(call({"PTTL", "hongyan:{a}:job"}).integer(), 86'000'000);
}

TEST_F(Intake, BuryingTwiceAndBuryingTheUnknownDoNothing) {
  submit("a", "d1");
  fcall("h1_bury", "a", {"86400000"});
  fcall("h1_bury", "a", {"1"});
  EXPECT_GT(call({"PTTL", "hongyan:{a}:job"}).integer(), 86'000'000);
  EXPECT_FALSE(fcall("h1_bury", "nobody", {"86400000"}).is_error());
  EXPECT_EQ(call({"EXISTS", "hongyan:{nobody}:job"}).integer(), 0);
}

TEST_F(Intake, RemovedJobTakesNoOperation) {
  submit("a", "d1");
  fcall("h1_bury", "a", {"86400000"});
  EXPECT_NE(control("a", "cancel").find("removed"), std::string::npos);
  EXPECT_EQ(call({"EXISTS", "hongyan:{a}:control"}).integer(), 0);
}

TEST_F(Intake, CancelBeforeItsJobIsAppliedWhenTheJobArrives) {
  EXPECT_EQ(control("later", "cancel", "wrong list"), "kept");
  EXPECT_GT(call({"PTTL", "hongyan:{later}:control"}).integer(), 86'000'000);
  submit("later", "d");
  EXPECT_EQ(field("later", "state"), "cancelled");
  EXPECT_EQ(field("later", "reason"), "wrong list");
  EXPECT_GT(number("later", "ended_at"), 0);
  EXPECT_EQ(call({"EXISTS", "hongyan:{later}:control"}).integer(), 0);
  const auto outbox = call({"LRANGE", "hongyan:{later}:outbox", "0", "-1"});
  ASSERT_EQ(outbox.array().size(), 3u);
  EXPECT_NE(outbox[2].text().find("control.done"), std::string::npos);
}

TEST_F(Intake, UnknownOperationIsRefusedBeforeAndAfterTheJob) {
  EXPECT_NE(control("a", "stop").find("unknown operation"), std::string::npos);
  submit("a", "d");
  EXPECT_NE(control("a", "stop").find("unknown operation"), std::string::npos);
}

TEST_F(Intake, JobWithSendAtInTheFutureIsScheduled) {
  make_job("a", {{"send_at", std::to_string(now_ms() + 3'600'000)}});
  EXPECT_EQ(field("a", "state"), "scheduled");
}

TEST_F(Intake, ListThatCameFirstDoesNotExpireAnyMore) {
  call({"RPUSH", "hongyan:{a}:recipients", "x"});
  call({"EXPIRE", "hongyan:{a}:recipients", "100"});
  submit("a", "d");
  EXPECT_EQ(call({"TTL", "hongyan:{a}:recipients"}).integer(), -1);
}

TEST_F(Intake, PauseAndResumeGoBackToWhereTheJobWas) {
  make_running_job("a", 3);
  EXPECT_EQ(control("a", "pause"), "done");
  EXPECT_EQ(field("a", "state"), "paused");
  EXPECT_EQ(field("a", "reason"), "pause by li");
  EXPECT_EQ(field("a", "actor"), "li");
  EXPECT_EQ(control("a", "resume"), "done");
  EXPECT_EQ(field("a", "state"), "running");
  make_job("b");
  control("b", "pause");
  control("b", "resume");
  EXPECT_EQ(field("b", "state"), "planning");
}

TEST_F(Intake, EndedJobChangesNoMore) {
  make_job("a");
  plan("a", {"I"}, true);
  EXPECT_EQ(field("a", "state"), "done");
  EXPECT_NE(control("a", "cancel").find("done"), std::string::npos);
  make_job("b");
  control("b", "cancel");
  EXPECT_EQ(control("b", "cancel"), "done");
  EXPECT_NE(control("b", "resume").find("cancelled"), std::string::npos);
}

}  // namespace
}  // namespace hongyan::store::test
