#include "engine/core/nowhere_share.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace hongyan::engine {
namespace {

void nowhere(NowhereShare& seen, const std::string& group, int count) {
  for (int i = 0; i < count; ++i) seen.add_nowhere(group);
}

TEST(NowhereShare, NothingClaimedIsGood) {
  const NowhereShare seen;
  EXPECT_EQ(seen.share({}), 0);
  EXPECT_EQ(seen.share(std::vector<DueGroup>{{"a", "a.example", 20}}), 0);
}

TEST(NowhereShare, ADeadDomainsOwnChunkSaysNothingOfTheOthers) {
  NowhereShare seen;
  seen.add_claimed("dead", 256);
  nowhere(seen, "dead", 256);
  seen.add_claimed("good", 256);
  const std::vector<DueGroup> due = {{"good", "good.example", 398}};
  EXPECT_DOUBLE_EQ(seen.share(due), 256.0 / (256 + 399 * 256));
}

TEST(NowhereShare, AMixedChunkIsASampleOfAllMixedOnes) {
  NowhereShare seen;
  seen.add_claimed("*", 200);
  nowhere(seen, "*", 20);
  const std::vector<DueGroup> due = {{"*", "*", 99}};
  EXPECT_DOUBLE_EQ(seen.share(due), 0.1);
}

TEST(NowhereShare, ChunksOfGroupsNotSeenYetCountAsGood) {
  NowhereShare seen;
  seen.add_claimed("*", 256);
  nowhere(seen, "*", 256);
  const std::vector<DueGroup> due = {{"big", "big.example", 1}};
  EXPECT_DOUBLE_EQ(seen.share(due), 0.5);
}

TEST(NowhereShare, ARetryThatFindsItsDomainDeadIsNotPartOfTheSample) {
  NowhereShare seen;
  seen.add_claimed("*", 0);
  nowhere(seen, "*", 3);
  EXPECT_EQ(seen.share({}), 0);
}

TEST(NowhereShare, AllowanceKeepsTheProportion) {
  EXPECT_EQ(NowhereShare::allowance(0.1, 0), 0U);
  EXPECT_EQ(NowhereShare::allowance(0.1, 8), 0U);
  EXPECT_EQ(NowhereShare::allowance(0.1, 91), 10U);
  EXPECT_EQ(NowhereShare::allowance(0, 1000), 0U);
  EXPECT_EQ(NowhereShare::allowance(1, 0), std::numeric_limits<std::size_t>::max());
}

}  // namespace
}  // namespace hongyan::engine
