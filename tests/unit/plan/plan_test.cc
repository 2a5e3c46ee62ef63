#include "plan/plan.h"

#include <gtest/gtest.h>

namespace hongyan::plan {
namespace {

job::IntakePolicy policy() {
  job::IntakePolicy policy;
  policy.tenants["acme"] = {"acme.example"};
  policy.channels = {"quality"};
  return policy;
}

std::string document(const std::string& more = {},
                     const std::string& steps = R"([{"subject":"One","text":"1"},
  {"delay":"3d","subject":"Two","text":"2","variants":[{"name":"a","text":"A"},{"name":"b","text":"B"}]}])") {
  return R"({"v":1,"id":"welcome","tenant":"acme","from":{"address":"li@acme.example"})" + more +
         R"(,"steps":)" + steps + "}";
}

Faults faults_of(const std::string& text, const Judge& judge = {}) {
  const auto plan = parse_plan(text, policy(), judge);
  return plan ? Faults{} : plan.error();
}

TEST(Plan, ReadsStepsCapsAndWindow) {
  const auto plan =
      parse_plan(document(R"(,"cap_per_day":100,"company_cap_per_day":3,"stop_on_reply":false,
        "window":{"tz":"Asia/Shanghai","days":["mon"],"from":"09:00","to":"17:00"})"),
                 policy());
  ASSERT_TRUE(plan) << plan.error().front().sentence();
  ASSERT_EQ(plan->steps.size(), 2u);
  EXPECT_EQ(plan->steps[0].delay, Millis(0));
  EXPECT_EQ(plan->steps[1].delay, std::chrono::hours(72));
  EXPECT_EQ(plan->cap_per_day, 100);
  EXPECT_EQ(plan->company_cap_per_day, 3);
  EXPECT_FALSE(plan->stop_on_reply);
  ASSERT_TRUE(plan->window);
  EXPECT_EQ(plan->window->tz, "Asia/Shanghai");
}

TEST(Plan, ABatchIsAJobThatTellsItsOutcomes) {
  const auto plan = parse_plan(
      document(
          R"(,"window":{"tz":"UTC","from":"09:00","to":"17:00"},"reply_to":"wang@acme.example")"),
      policy());
  ASSERT_TRUE(plan);
  const BatchText text = batch_text(*plan, 2, "welcome-4f1c22.7", "Europe/Berlin");
  const auto job = job::parse_job(
      text.head + R"({"to":"a@x.example","vars":{"name":"A"}},{"to":"b@x.example"})" + text.tail,
      policy());
  ASSERT_TRUE(job) << job.error().front().sentence();
  EXPECT_EQ(job->id, "welcome-4f1c22.7");
  EXPECT_EQ(job->subject, "Two");
  EXPECT_EQ(job->variants.size(), 2u);
  EXPECT_EQ(job->recipients.count, 2u);
  EXPECT_EQ(job->window->tz, "Europe/Berlin");
  EXPECT_EQ(job->reply_to->normalised(), "wang@acme.example");
  EXPECT_TRUE(job->events);
}

TEST(Plan, FaultsOfAStepAreToldWhereItsAuthorWroteThem) {
  const auto faults = faults_of(
      R"({"v":1,"id":"p","tenant":"acme","from":{"address":"li@other.example"},"steps":[
        {"subject":"One","text":"1"},{"delay":"99999d","subject":"","text":"2"}]})");
  ASSERT_EQ(faults.size(), 3u);
  EXPECT_EQ(faults[0].where, "from.address");
  EXPECT_EQ(faults[1].where, "steps[1].delay");
  EXPECT_EQ(faults[2].where, "steps[1].subject");
}

TEST(Plan, TheEngineJudgesEachStep) {
  int judged = 0;
  const auto faults = faults_of(document(), [&judged](const job::Job&) {
    return ++judged == 2 ? Faults{{"variants[1].text", "has no end", {}}} : Faults{};
  });
  EXPECT_EQ(judged, 2);
  ASSERT_EQ(faults.size(), 1u);
  EXPECT_EQ(faults[0].where, "steps[1].variants[1].text");
}

TEST(Plan, WhatIsNoPlanIsRefused) {
  for (
      const char* text :
      {"", "[]", "{}", R"({"v":2})",
       R"({"v":1,"id":"a b","tenant":"acme","from":{"address":"li@acme.example"},"steps":[{"subject":"s","text":"t"}]})"})
    EXPECT_FALSE(faults_of(text).empty()) << text;
  EXPECT_FALSE(faults_of(document("", "[]")).empty());
  EXPECT_FALSE(faults_of(document(R"(,"mailbox":"li@163.com")")).empty())
      << "a plan never goes through a bound mailbox";
}

}  // namespace
}  // namespace hongyan::plan
