#include "dns/cache.h"

#include <gtest/gtest.h>

namespace hongyan::dns {
namespace {

using namespace std::chrono_literals;

class CacheTest : public ::testing::Test {
 protected:
  ManualClock clock_;
  Cache<int> cache_{3};

  const int* find(const char* key) { return cache_.find(key, clock_.steady()); }
  void put(const char* key, int value, std::chrono::seconds life = 60s) {
    cache_.put(key, value, clock_.steady() + life);
  }
};

TEST_F(CacheTest, ValueIsKnownUntilItExpires) {
  put("a", 1, 10s);
  clock_.advance(9999ms);
  ASSERT_NE(find("a"), nullptr);
  clock_.advance(1ms);
  EXPECT_EQ(find("a"), nullptr);
  EXPECT_EQ(cache_.size(), 0U);
}

TEST_F(CacheTest, LongestUnusedGoesFirst) {
  put("a", 1);
  put("b", 2);
  put("c", 3);
  ASSERT_NE(find("a"), nullptr);
  put("d", 4);
  EXPECT_EQ(find("b"), nullptr);
  EXPECT_NE(find("a"), nullptr);
  EXPECT_EQ(cache_.size(), 3U);
}

TEST_F(CacheTest, LaterValueReplacesTheEarlier) {
  put("a", 1);
  put("a", 2, 1s);
  ASSERT_NE(find("a"), nullptr);
  EXPECT_EQ(*find("a"), 2);
  EXPECT_EQ(cache_.size(), 1U);
  clock_.advance(1s);
  EXPECT_EQ(find("a"), nullptr);
}

TEST_F(CacheTest, CapacityOfNoneKeepsNothing) {
  Cache<int> none(0);
  none.put("a", 1, clock_.steady() + 1s);
  EXPECT_EQ(none.find("a", clock_.steady()), nullptr);
}

Answer answer(Rcode rcode, std::optional<std::uint32_t> ttl, bool records) {
  Answer out;
  out.rcode = rcode;
  out.ttl = ttl;
  if (records) out.mx.push_back({1, "mx.test"});
  return out;
}

TEST(Lifetime, IsTheTtlWithinBounds) {
  const TtlBounds bounds;
  EXPECT_EQ(lifetime(answer(Rcode::kNoError, 300, true), bounds), 300s);
  EXPECT_EQ(lifetime(answer(Rcode::kNoError, 0, true), bounds), bounds.least);
  EXPECT_EQ(lifetime(answer(Rcode::kNoError, 4'000'000, true), bounds), bounds.most);
}

TEST(Lifetime, NegativeAnswersAndFailuresHaveTheirOwnBounds) {
  const TtlBounds bounds;
  EXPECT_EQ(lifetime(answer(Rcode::kNxDomain, 900, false), bounds), 900s);
  EXPECT_EQ(lifetime(answer(Rcode::kNxDomain, 86'400, false), bounds), bounds.most_negative);
  EXPECT_EQ(lifetime(answer(Rcode::kNoError, std::nullopt, false), bounds), bounds.without_soa);
  EXPECT_EQ(lifetime(answer(Rcode::kServFail, 900, false), bounds), bounds.failure);
}

}  // namespace
}  // namespace hongyan::dns
