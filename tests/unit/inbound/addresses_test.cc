#include "engine/inbound/addresses.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

namespace hongyan::inbound {
namespace {

using testing::ElementsAre;

std::vector<std::string> found_in(std::string_view text) {
  std::vector<std::string> found;
  for (const Hit& hit : find_addresses(text)) found.push_back(hit.address);
  return found;
}

TEST(Addresses, StandInTextInManyWays) {
  EXPECT_THAT(found_in("<a@b.example>: gone"), ElementsAre("a@b.example"));
  EXPECT_THAT(found_in("to a@b.example."), ElementsAre("a@b.example"));
  EXPECT_THAT(found_in("无法投递到li@example.cn，请检查"), ElementsAre("li@example.cn"));
  EXPECT_THAT(found_in("'a@b.example' and \"c d\"@e.example"),
              ElementsAre("a@b.example", "\"c d\"@e.example"));
  EXPECT_THAT(found_in("a@b.example<mailto:a@b.example>"),
              ElementsAre("a@b.example", "a@b.example"));
  EXPECT_THAT(found_in("rfc822;a+x=y@b.example"), ElementsAre("a+x=y@b.example"));
  EXPECT_THAT(found_in("<张三@例子.例>"), ElementsAre("张三@例子.例"));
}

TEST(Addresses, AreNotWhatOnlyHasAnAt) {
  EXPECT_THAT(found_in("@ @@ a@ @b user@host ...@x"), ElementsAre());
}

TEST(Addresses, OfAHeaderAreWithoutNames) {
  EXPECT_THAT(
      header_addresses("\"a@b.example, x\" <c@d.example>, e@f.example (G), H <i@j.example>"),
      ElementsAre("c@d.example", "e@f.example", "i@j.example"));
}

TEST(Addresses, OfAStatusHaveAType) {
  EXPECT_EQ(typed_address("rfc822; li@example.cn"), "li@example.cn");
  EXPECT_EQ(typed_address("RFC822;<li@example.cn>"), "li@example.cn");
  EXPECT_EQ(typed_address("rfc822; li@host"), "li@host");
  EXPECT_EQ(typed_address("utf-8; \\x{5F20}\\x{4E09}@example.cn"), "张三@example.cn");
  EXPECT_EQ(typed_address("utf-8; 张三@example.cn"), "张三@example.cn");
  EXPECT_EQ(typed_address("x-local; li"), "");
  EXPECT_EQ(typed_address(""), "");
}

TEST(Addresses, ATextFullOfAtsCostsNoMoreThanAnother) {
  const auto since = std::chrono::steady_clock::now();
  EXPECT_TRUE(find_addresses(std::string(256 * 1024, '@')).empty());
  EXPECT_TRUE(find_addresses(std::string(128 * 1024, '<') + std::string(128 * 1024, '@')).empty());
  EXPECT_LT(std::chrono::steady_clock::now() - since, std::chrono::seconds(10));
}

}  // namespace
}  // namespace hongyan::inbound
