#include "store/keys.h"
#include "tests/integration/store/store_fixture.h"

namespace hongyan::store::test {
namespace {

class LateOutcomes : public StoreTest {
 protected:
  std::string late(std::string kind, std::uint32_t index, bool invalid_address = false,
                   std::string suppression = {}) {
    return run(store().late("a", {std::move(kind), 0, index, invalid_address,
                                  R"("address":"li@a.example","row":3)", std::move(suppression)}));
  }
  // A job that is done: `count` messages, all accepted.
  void make_done_job(int count) {
    make_running_job("a", count);
    const auto chunk = claim("a");
    std::vector<Step> steps;
    for (int i = 0; i < count; ++i)
      steps.push_back(delivered(*chunk, static_cast<std::uint32_t>(i)));
    ASSERT_EQ(commit("a", steps).settles, std::string(static_cast<std::size_t>(count), 'D'));
  }
  std::string outbox() {
    std::string all;
    for (const auto& one : call({"LRANGE", "hongyan:{a}:outbox", "0", "-1"}).array())
      all += std::string(one.text()) + "\n";
    return all;
  }
};

TEST_F(LateOutcomes, EachIsCountedOnceAndChangesNeitherStateNorBill) {
  make_done_job(5);
  const auto before = number("a", "charged_units");
  EXPECT_EQ(late("bounce", 1), "counted");
  EXPECT_EQ(late("bounce", 1), "known");
  EXPECT_EQ(late("complaint", 1), "counted");
  EXPECT_EQ(late("unsubscribe", 2, false, R"("address":"li@a.example")"), "counted");
  EXPECT_EQ(number("a", "late_bounced"), 1);
  EXPECT_EQ(number("a", "complaints"), 1);
  EXPECT_EQ(number("a", "unsubscribed"), 1);
  EXPECT_EQ(states("a"), "DDDDD");
  EXPECT_EQ(number("a", "charged_units"), before);
  EXPECT_NE(outbox().find(R"({"kind":"bounce","address":"li@a.example","row":3})"),
            std::string::npos)
      << outbox();
  EXPECT_NE(outbox().find("suppression.added"), std::string::npos);
  expect_consistent("a");
}

TEST_F(LateOutcomes, NobodyThereIsGone) {
  EXPECT_EQ(late("bounce", 0), "gone");
  make_done_job(2);
  EXPECT_EQ(late("bounce", 2), "gone");
  EXPECT_EQ(number("a", "late_bounced"), 0);
}

// Bad addresses of which only a mail tells stop a job as those do of which the answer tells.
TEST_F(LateOutcomes, BadAddressesCorrectTheBreaker) {
  make_running_job("a", 400);
  const auto chunk = claim("a");
  std::vector<Step> steps;
  for (std::uint32_t i = 0; i < 300; ++i) steps.push_back(delivered(*chunk, i));
  commit("a", steps);
  EXPECT_EQ(number("a", "breaker_bad"), 0);
  std::uint32_t told = 0;
  while (field("a", "state") == "running" && told < 300) late("bounce", told++, true);
  EXPECT_EQ(field("a", "state"), "tripped") << told;
  EXPECT_EQ(number("a", "breaker_n"), 300);
  EXPECT_EQ(number("a", "breaker_bad"), told);
  EXPECT_EQ(number("a", "recent_bad"), told);
  EXPECT_LT(told, 40U);
}

TEST_F(LateOutcomes, OtherBouncesAreNoEvidence) {
  make_running_job("a", 400);
  const auto chunk = claim("a");
  std::vector<Step> steps;
  for (std::uint32_t i = 0; i < 300; ++i) steps.push_back(delivered(*chunk, i));
  commit("a", steps);
  for (std::uint32_t i = 0; i < 100; ++i) late("bounce", i, false);
  EXPECT_EQ(field("a", "state"), "running");
  EXPECT_EQ(number("a", "breaker_bad"), 0);
  EXPECT_EQ(number("a", "late_bounced"), 100);
}

}  // namespace
}  // namespace hongyan::store::test
