#include "base/money.h"

#include <gtest/gtest.h>

namespace hongyan {
namespace {

TEST(Money, YuanIsParsedToMicroYuan) {
  EXPECT_EQ(parse_yuan("0.007")->value, 7000);
  EXPECT_EQ(parse_yuan("-12.5")->value, -12'500'000);
  EXPECT_EQ(parse_yuan("3")->value, 3'000'000);
}

TEST(Money, WhatIsNoAmountIsRefused) {
  for (const char* bad : {"", "-", ".", "1.0000001", "1e3", "¥1", "1,0", "99999999999999999999"})
    EXPECT_FALSE(parse_yuan(bad)) << bad;
}

TEST(Money, IsPrintedWithAsFewDecimalsAsNeededButTwo) {
  EXPECT_EQ(format_yuan({7000}), "0.007");
  EXPECT_EQ(format_yuan({12'500'000}), "12.50");
  EXPECT_EQ(format_yuan({-1}), "-0.000001");
}

}  // namespace
}  // namespace hongyan
