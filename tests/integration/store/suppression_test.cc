#include "store/suppression.h"

#include "base/keyed_hash.h"
#include "store/secret.h"
#include "tests/integration/store/store_fixture.h"

namespace hongyan::store::test {
namespace {

class Suppressions : public StoreTest {
 protected:
  SuppressionStore list() { return SuppressionStore(store()); }
  // Why each gets no mail of acme; empty: it does.
  std::vector<std::string> reasons(std::vector<std::string> addresses) {
    std::vector<std::string> told;
    for (const auto& one : run(list().find("acme", std::move(addresses))))
      told.push_back(one ? one->reason : "");
    return told;
  }
};

using Words = std::vector<std::string>;

TEST_F(Suppressions, AddressesAndDomainsOfATenantAndOfEverybody) {
  EXPECT_EQ(run(list().add("acme", {{"li@a.example", "bounce", "job one", 1}})), 1);
  EXPECT_EQ(run(list().add("", {{"@b.example", "operator", "by anna", 2}})), 1);
  EXPECT_EQ(run(list().add("other", {{"wang@a.example", "complaint", "", 3}})), 1);
  EXPECT_EQ(
      reasons({"Li@a.example", "wang@a.example", "x@b.example", "x@sub.b.example", "li@b.example"}),
      (Words{"bounce", "", "operator", "", "operator"}));
  EXPECT_TRUE(run(list().find("acme", {})).empty());
  EXPECT_EQ(run(list().remove("", {"@b.example", "nobody@b.example"})), 1);
  EXPECT_EQ(reasons({"x@b.example"}), Words{""});
}

TEST_F(Suppressions, TheFirstReasonStays) {
  run(list().add("acme", {{"li@a.example", "unsubscribe", "a letter", 1'763'674'552'000}}));
  EXPECT_EQ(run(list().add("acme", {{"li@a.example", "bounce", "job one", 2},
                                    {"wu@a.example", "bounce", "", 2}})),
            1);
  const auto found = run(list().find("acme", {"li@a.example"}));
  EXPECT_EQ(found[0]->sentence(), "unsubscribe, a letter, 2025-11-20");
  EXPECT_EQ(found[0]->name, "li@a.example");
  EXPECT_EQ(run(list().count("acme")), 2);
}

TEST_F(Suppressions, TheForgottenAreKnownByAKeyedHashOnly) {
  run(list().add("acme", {{"li@a.example", "bounce", "job one", 1}}));
  auto done = client().run(list().forget("LI@a.example", {"acme"}, 5));
  ASSERT_TRUE(done) << done.error().detail;
  EXPECT_EQ(run(list().count("acme")), 0);
  EXPECT_EQ(reasons({"li@A.example", "lu@a.example"}), (Words{"forgotten", ""}));
  const auto page = run(list().scan("", "0", ""));
  ASSERT_EQ(page.entries.size(), 1u);
  EXPECT_EQ(page.entries[0].name.size(), 33u);
  EXPECT_EQ(page.cursor, "0");
  // Another secret, another name: it is keyed.
  call({"DEL", "hongyan:secret"});
  EXPECT_EQ(reasons({"li@a.example"}), Words{""});
}

TEST_F(Suppressions, OneSecretForAll) {
  const std::string first = run(shared_secret(store()));
  EXPECT_EQ(first.size(), 32u);
  EXPECT_EQ(run(shared_secret(store())), first);
  EXPECT_NE(keyed_hash(first, "one", "text"), keyed_hash(first, "another", "text"));
}

TEST_F(Suppressions, PlanningCountsThemApartWithTheirReason) {
  make_job("a");
  const auto lease = run(store().plan_lease("a", "e1"));
  run(store().plan_begin("a", "e1", lease->epoch, 0));
  EXPECT_TRUE(run(
      store().plan_chunk("a", "e1", lease->epoch, {0, "*", "data", "qSISq", "why", {1, 2, 1, 3}})));
  EXPECT_EQ(states("a"), "qSIUq");
  EXPECT_EQ(number("a", "suppressed"), 1);
  EXPECT_EQ(number("a", "duplicate"), 1);
  EXPECT_EQ(call({"GET", "hongyan:{a}:r:0"}).text(), "why");
  expect_consistent("a");
}

TEST_F(Suppressions, ABounceTellsOfItInTheSameStep) {
  make_running_job("a", 2);
  const auto chunk = claim("a");
  Step bad = settle(*chunk, 0, Settlement::kBounced, Evidence::kInvalidAddress);
  bad.suppression = R"("address":"li@a.example","reason":"bounce","reply":"550 no")";
  Step told = settle(*chunk, 1, Settlement::kBounced);
  told.event = R"("address":"wu@a.example")";
  EXPECT_EQ(commit("a", {bad, told}).settles, "BB");
  EXPECT_EQ(commit("a", {bad}).settles, "-");
  const auto outbox = call({"LRANGE", "hongyan:{a}:outbox", "0", "-1"});
  int suppressions = 0, outcomes = 0;
  for (const auto& event : outbox.array()) {
    suppressions += event.text().contains("suppression.added");
    outcomes += event.text().contains("recipient.outcome");
  }
  EXPECT_EQ(suppressions, 1);
  EXPECT_EQ(outcomes, 1);
  expect_consistent("a");
}

}  // namespace
}  // namespace hongyan::store::test
