#include "store/commit_batch.h"

#include <gtest/gtest.h>

namespace hongyan::store {
namespace {

TEST(CommitBatch, StepsOfAChunkStandTogetherInTheirOrder) {
  std::vector<Step> steps(4);
  steps[0].chunk = 9;
  steps[1].chunk = 2;
  steps[2].chunk = 9;
  steps[3].chunk = 2;
  steps[3].mark = true;
  const auto built = build_commit("a", "e1", {"d1", 5, "d2"}, steps);
  EXPECT_EQ(built.order, (std::vector<std::size_t>{1, 3, 0, 2}));
  // FCALL h1_commit 1 key, engine and days, two chunks of 3, one mark of 3, three settles of 6.
  EXPECT_EQ(built.command.args(), 4u + 4u + 2u * 3u + 3u + 3u * 6u);
}

TEST(CommitBatch, EpochsOfOneChunkAreNotMixed) {
  std::vector<Step> steps(3);
  steps[0].epoch = 2;
  steps[1].epoch = 1;
  steps[2].epoch = 2;
  const auto built = build_commit("a", "e1", {"d1", 5, "d2"}, steps);
  EXPECT_EQ(built.order, (std::vector<std::size_t>{1, 0, 2}));
  EXPECT_EQ(built.command.args(), 4u + 4u + 2u * 3u + 3u * 6u);
}

TEST(CommitBatch, AnswerOfAnotherKindIsEmpty) {
  const auto answer = parse_commit_answer(redis::Reply::status("OK"));
  EXPECT_TRUE(answer.state.empty());
  EXPECT_TRUE(answer.marks.empty());
}

}  // namespace
}  // namespace hongyan::store
