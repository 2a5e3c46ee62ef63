#include "engine/core/chunk.h"

#include <gtest/gtest.h>

#include <random>

namespace hongyan::engine {
namespace {

std::string packed_of(const std::vector<ChunkRecipient>& recipients) {
  ChunkBuilder builder;
  for (const auto& one : recipients) builder.add(one);
  EXPECT_EQ(builder.size(), recipients.size());
  std::string packed = builder.take();
  EXPECT_EQ(builder.size(), 0u);
  return packed;
}

TEST(Chunk, WhatIsPackedIsUnpacked) {
  const auto chunk = Chunk::unpack(
      packed_of({{1, "li@example.cn", "", {{"name", "李"}, {"city", "广州"}}},
                 {2, "not an address", "has no @", {}},
                 {4'000'000'000, "jo@example.org", "", {{"city", ""}, {"order", "7\r\n8"}}}}));
  ASSERT_TRUE(chunk) << chunk.error().detail;
  const auto& found = chunk->recipients();
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found[0].address, "li@example.cn");
  EXPECT_EQ(found[0].domain(), "example.cn");
  ASSERT_EQ(found[0].vars.size(), 2u);
  EXPECT_EQ(found[0].vars[0].first, "name");
  EXPECT_EQ(found[0].vars[1].second, "广州");
  EXPECT_EQ(found[1].refusal, "has no @");
  EXPECT_EQ(found[2].row, 4'000'000'000u);
  EXPECT_EQ(found[2].vars[0].first, "city");
  EXPECT_EQ(found[2].vars[1].second, "7\r\n8");
}

TEST(Chunk, EqualInputGivesEqualBytes) {
  // Whoever repeats the step of a dead planner must write the same chunk.
  const std::vector<ChunkRecipient> some = {{1, "a@x.example", "", {{"n", "1"}}},
                                            {2, "b@x.example", "", {{"n", "2"}}}};
  EXPECT_EQ(packed_of(some), packed_of(some));
}

TEST(Chunk, DamageIsAnErrorNeverACrash) {
  std::vector<ChunkRecipient> many;
  std::vector<std::string> names;
  for (int i = 0; i < 200; ++i) names.push_back("user" + std::to_string(i) + "@x.example");
  for (std::uint64_t i = 0; i < names.size(); ++i)
    many.push_back({i, names[i], "", {{"name", names[i]}}});
  const std::string whole = packed_of(many);
  for (std::size_t cut = 0; cut < whole.size(); cut += 7)
    EXPECT_FALSE(Chunk::unpack(whole.substr(0, cut))) << cut;
  std::mt19937 random(5);
  for (int i = 0; i < 2000; ++i) {
    std::string broken = whole;
    broken[random() % broken.size()] = static_cast<char>(random());
    (void)Chunk::unpack(broken);
  }
  std::string newer = whole;
  newer[0] = 9;
  EXPECT_EQ(Chunk::unpack(newer).error().code, "bad-chunk");
}

}  // namespace
}  // namespace hongyan::engine
