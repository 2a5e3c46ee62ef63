#include "store/plan_store.h"

#include "tests/integration/store/store_fixture.h"

#include <thread>

namespace hongyan::store::test {
namespace {

using namespace std::chrono_literals;

constexpr const char* kPlan = "welcome";

class Plans : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    EXPECT_EQ(run(plans().create(kPlan, "d1", {{"document", "{}"}, {"tenant", "acme"}})),
              "created");
  }
  PlanStore plans() { return PlanStore(store()); }
  std::int64_t add(const std::vector<std::string>& addresses, const std::string& company = {}) {
    std::vector<PlanStore::NewContact> contacts;
    for (const auto& one : addresses) contacts.push_back({one, one, "", "{}", company});
    return run(plans().add(kPlan, contacts));
  }
  std::int64_t take(const std::vector<std::string>& addresses, std::size_t step = 1,
                    std::int64_t cap = 0, std::int64_t company_cap = 0, Millis day = 24h) {
    auto fields = run(plans().load(kPlan));
    PlanStore::Batch batch{fields["batch"],
                           "welcome-x." + fields["batch"],
                           fields["revision"],
                           step,
                           cap,
                           company_cap,
                           day,
                           "[",
                           "]",
                           {}};
    for (const auto& one : addresses)
      batch.lines.push_back({one, run(plans().contact(kPlan, one))["company"], "\"" + one + "\""});
    return run(plans().take(kPlan, batch));
  }
  std::string happened(const std::string& address, const std::string& what,
                       const std::string& job = {}) {
    return run(plans().happened(kPlan, address, job, what));
  }
  std::string state(const std::string& address) {
    return run(plans().contact(kPlan, address))["state"];
  }
  std::vector<std::string> due() {
    std::vector<std::string> addresses;
    for (const auto& one : run(plans().look(kPlan, 100)).due) addresses.push_back(one.address);
    return addresses;
  }
  // "contacts waiting sending done stopped"; they add up.
  std::string counts() {
    auto f = run(plans().load(kPlan));
    EXPECT_EQ(std::stoi(f["contacts"]), std::stoi(f["waiting"]) + std::stoi(f["sending"]) +
                                            std::stoi(f["done"]) + std::stoi(f["stopped"]));
    return f["contacts"] + " " + f["waiting"] + " " + f["sending"] + " " + f["done"] + " " +
           f["stopped"];
  }
};

TEST_F(Plans, AContactIsAddedOnce) {
  EXPECT_EQ(add({"a@x.example", "b@x.example"}), 2);
  EXPECT_EQ(add({"b@x.example", "c@x.example"}), 1);
  EXPECT_EQ(counts(), "3 3 0 0 0");
  EXPECT_EQ(run(plans().add("nobody", {{"a@x.example", "", "", "", ""}})), -1);
  EXPECT_EQ(run(plans().create(kPlan, "d1", {})), "same");
  EXPECT_EQ(run(plans().create(kPlan, "d2", {})), "differs");
}

TEST_F(Plans, ABatchTakesEachContactOnceAndWaitsInTheOutbox) {
  add({"a@x.example", "b@x.example"});
  EXPECT_EQ(due(), (std::vector<std::string>{"a@x.example", "b@x.example"}));
  EXPECT_EQ(take({"a@x.example", "b@x.example"}), 2);
  EXPECT_TRUE(due().empty());
  EXPECT_EQ(take({"a@x.example", "b@x.example"}), 0) << "they are on their way";
  const auto outbox = run(plans().look(kPlan, 0)).outbox;
  ASSERT_EQ(outbox.size(), 1u);
  EXPECT_EQ(outbox[0].first, "1");
  EXPECT_EQ(outbox[0].second, R"(["a@x.example","b@x.example"])");
  EXPECT_TRUE(client().run(plans().handed_over(kPlan, "1")));
  EXPECT_TRUE(run(plans().look(kPlan, 0)).outbox.empty());
  EXPECT_EQ(counts(), "2 0 2 0 0");
}

TEST_F(Plans, AnEngineWithOldNewsTakesNobody) {
  add({"a@x.example"});
  PlanStore::Batch batch{"1", "j", "1", 1, 0, 0, 24h, "[", "]", {{"a@x.example", "", "1"}}};
  EXPECT_EQ(run(plans().edit(kPlan, "d2", "{}")), "edited");
  EXPECT_EQ(run(plans().take(kPlan, batch)), -1) << "an old revision";
  batch.revision = "2";
  run(plans().turn(kPlan, "paused", "li", ""));
  EXPECT_EQ(run(plans().take(kPlan, batch)), -1) << "paused";
  run(plans().turn(kPlan, "running", "li", ""));
  EXPECT_EQ(run(plans().take(kPlan, batch)), 1);
  EXPECT_EQ(run(plans().take(kPlan, batch)), -1) << "that number is used";
}

TEST_F(Plans, WhatBecameOfAMessageCountsOnce) {
  add({"a@x.example", "b@x.example"});
  take({"a@x.example", "b@x.example"});
  EXPECT_EQ(happened("a@x.example", "delivered", "welcome-y.1"), "") << "of another job";
  EXPECT_EQ(happened("a@x.example", "delivered", "welcome-x.1"), "waiting");
  EXPECT_EQ(happened("a@x.example", "delivered", "welcome-x.1"), "");
  EXPECT_EQ(happened("b@x.example", "bounce", "welcome-x.1"), "stopped");
  EXPECT_TRUE(run(plans().open_of(kPlan, "1")).empty());
  EXPECT_EQ(counts(), "2 1 0 0 1");
  EXPECT_EQ(take({"a@x.example"}, 1), 0) << "the step is behind it";
  EXPECT_EQ(take({"a@x.example"}, 2), 1);
  EXPECT_EQ(happened("a@x.example", "delivered", "welcome-x.2"), "waiting");
  EXPECT_EQ(happened("a@x.example", "done"), "done");
  EXPECT_EQ(happened("a@x.example", "reply"), "") << "there is nothing left to stop";
  auto fields = run(plans().load(kPlan));
  EXPECT_EQ(fields["step:1:taken"], "2");
  EXPECT_EQ(fields["step:1:delivered"], "1");
  EXPECT_EQ(fields["step:1:failed"], "1");
  EXPECT_EQ(fields["stopped:bounce"], "1");
  EXPECT_EQ(counts(), "2 0 0 1 1");
}

TEST_F(Plans, WhoAnswersWhileAMessageIsOnItsWayStopsForGood) {
  add({"a@x.example"});
  take({"a@x.example"});
  EXPECT_EQ(happened("a@x.example", "reply"), "stopped");
  happened("a@x.example", "delivered", "welcome-x.1");
  EXPECT_EQ(state("a@x.example"), "stopped");
  EXPECT_TRUE(due().empty());
  EXPECT_EQ(run(plans().load(kPlan))["step:1:delivered"], "1");
  EXPECT_EQ(counts(), "1 0 0 0 1");
}

TEST_F(Plans, CapsCountTheLastDay) {
  add({"a@big.example", "b@big.example", "c@big.example"}, "big.example");
  add({"d@163.com", "e@163.com"});
  EXPECT_EQ(take({"a@big.example", "b@big.example", "c@big.example", "d@163.com", "e@163.com"}, 1,
                 4, 2, 300ms),
            4);
  EXPECT_EQ(state("c@big.example"), "waiting");
  EXPECT_EQ(state("e@163.com"), "sending");
  EXPECT_TRUE(due().empty()) << "put off until there is room";
  std::this_thread::sleep_for(400ms);
  EXPECT_EQ(due(), std::vector<std::string>{"c@big.example"});
  EXPECT_EQ(take({"c@big.example"}, 1, 4, 2, 300ms), 1);
}

TEST_F(Plans, ThePlansCapHoldsForEverybody) {
  add({"a@x.example", "b@y.example", "c@z.example"});
  EXPECT_EQ(take({"a@x.example", "b@y.example", "c@z.example"}, 1, 2), 2);
  EXPECT_TRUE(due().empty());
  EXPECT_EQ(counts(), "3 1 2 0 0");
}

TEST_F(Plans, AnEditWakesWhoWaitsAndAStopIsForGood) {
  add({"a@x.example"});
  EXPECT_TRUE(client().run(plans().put_off(kPlan, {{"a@x.example", now_ms() + 1'000'000}})));
  EXPECT_TRUE(client().run(plans().put_off(kPlan, {{"b@x.example", 1}})));
  EXPECT_TRUE(due().empty()) << "who is not there is not put off either";
  EXPECT_EQ(run(plans().edit(kPlan, "d1", "{}")), "same");
  EXPECT_EQ(run(plans().edit(kPlan, "d2", "{}")), "edited");
  EXPECT_EQ(due(), std::vector<std::string>{"a@x.example"});
  EXPECT_EQ(run(plans().turn(kPlan, "stopped", "li", "")), "done");
  EXPECT_EQ(run(plans().turn(kPlan, "running", "li", "")), "ended");
  EXPECT_EQ(run(plans().edit(kPlan, "d3", "{}")), "ended");
  EXPECT_EQ(run(plans().turn("nobody", "paused", "li", "")), "unknown");
  EXPECT_TRUE(due().empty());
}

TEST_F(Plans, WhoIsForgottenLeavesNoTrace) {
  add({"a@big.example", "b@big.example"}, "big.example");
  EXPECT_EQ(take({"a@big.example"}, 1, 9, 9), 1);
  EXPECT_EQ(run(plans().forget(kPlan, "a@big.example")), -1) << "a message is on its way";
  happened("a@big.example", "bounce", "welcome-x.1");
  EXPECT_TRUE(client().run(plans().handed_over(kPlan, "1")));
  EXPECT_EQ(run(plans().forget(kPlan, "a@big.example")), 1);
  EXPECT_EQ(run(plans().forget(kPlan, "a@big.example")), 0);
  EXPECT_EQ(counts(), "1 1 0 0 0");
  for (const char* part : {"contacts", "due", "sent", "company:big.example"})
    EXPECT_TRUE(call({"ZSCORE", keys::of_plan(kPlan, part), "1 a@big.example"}).is_nil() &&
                call({"ZSCORE", keys::of_plan(kPlan, part), "a@big.example"}).is_nil())
        << part;
}

TEST_F(Plans, OneEngineLeads) {
  EXPECT_TRUE(run(plans().lead("e1", 200ms)));
  EXPECT_FALSE(run(plans().lead("e2", 200ms)));
  EXPECT_TRUE(run(plans().lead("e1", 200ms)));
  std::this_thread::sleep_for(300ms);
  EXPECT_TRUE(run(plans().lead("e2", 200ms)));
}

}  // namespace
}  // namespace hongyan::store::test
