#include "engine/check/address_sample.h"

#include "tests/unit/check/findings_of.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace hongyan::check {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(AddressSample, AShortListIsTakenWhole) {
  AddressSample sample(3);
  for (const char* address : {"a@x.example", "b@x.example"}) sample.add(address);
  EXPECT_THAT(sample.addresses(), ElementsAre("a@x.example", "b@x.example"));
}

TEST(AddressSample, TheEndOfALongListIsAsLikelyAsItsBeginning) {
  AddressSample sample(1000), again(1000);
  for (int i = 0; i < 10'000; ++i) {
    sample.add(std::to_string(i));
    again.add(std::to_string(i));
  }
  EXPECT_EQ(sample.seen(), 10'000U);
  ASSERT_EQ(sample.addresses().size(), 1000U);
  const auto late = std::ranges::count_if(sample.addresses(),
                                          [](const auto& text) { return std::stoi(text) >= 5000; });
  // 500 expected, standard deviation 15.
  EXPECT_GT(late, 425);
  EXPECT_LT(late, 575);
  EXPECT_EQ(sample.addresses(), again.addresses());
}

TEST(AddressSample, TheShareOfSuppressedDecidesTheLevel) {
  const auto finding = [](std::size_t found, std::uint64_t listed) {
    Findings findings;
    check_suppressed({100, found, {{"bounce", found}}}, listed, findings);
    return findings;
  };
  EXPECT_THAT(ids_of(finding(0, 100)), IsEmpty());
  EXPECT_THAT(ids_of(finding(4, 100)), ElementsAre("list-suppressed"));
  EXPECT_THAT(ids_of(finding(5, 100)), ElementsAre("list-suppressed-many"));
  EXPECT_EQ(what_of(finding(4, 100), "list-suppressed"), "4 of 100 addresses (4.00 %): 4 bounce");
  EXPECT_EQ(what_of(finding(4, 9000), "list-suppressed"),
            "4 of 100 addresses drawn from 9000 (4.00 %): 4 bounce");
}

TEST(AddressSample, TheCommonestReasonComesFirst) {
  Findings findings;
  check_suppressed({10, 3, {{"bounce", 1}, {"unsubscribe", 2}}}, 10, findings);
  EXPECT_EQ(what_of(findings, "list-suppressed-many"),
            "3 of 10 addresses (30.00 %): 2 unsubscribe, 1 bounce");
}

}  // namespace
}  // namespace hongyan::check
