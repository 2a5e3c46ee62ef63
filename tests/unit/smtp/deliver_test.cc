#include "engine/smtp/deliver.h"

#include <gtest/gtest.h>

namespace hongyan::smtp {
namespace {

TEST(NormaliseContent, EveryLineEndsWithCrLf) {
  EXPECT_EQ(*normalise_content("a\nb\r\nc\rd"), "a\r\nb\r\nc\r\nd\r\n");
  EXPECT_EQ(*normalise_content("a\n\r\n\n"), "a\r\n\r\n\r\n");
  EXPECT_EQ(*normalise_content(""), "");
  EXPECT_EQ(*normalise_content(".a\n"), ".a\r\n");
}

TEST(NormaliseContent, ALineTooLongIsNamed) {
  EXPECT_TRUE(normalise_content(std::string(998, 'x') + "\n"));
  const auto refused = normalise_content("ok\n" + std::string(999, 'x'));
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().detail.starts_with("line 2 has 999 bytes"));
}

TEST(Deliver, NamesAreRefusedBecauseNobodyLooksThemUp) {
  DeliverRequest request;
  request.host = "mx.example";
  request.recipients = {"li@example.cn"};
  const auto outcome = deliver(request);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, "bad-host");
}

}  // namespace
}  // namespace hongyan::smtp
