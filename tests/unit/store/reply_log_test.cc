#include "store/reply_log.h"

#include <gtest/gtest.h>

namespace hongyan::store {
namespace {

TEST(ReplyLog, LastEntryOfAnIndexCounts) {
  const std::string log = encode_reply({7, 1'763'000'000, 1, "451 4.2.1 later"}, 200) +
                          encode_reply({65'535, 4'000'000'000, 2, "550 no"}, 200) +
                          encode_reply({7, 1'763'000'900, 2, "250 ok"}, 40);
  const auto entries = decode_replies(log);
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(entries.at(7).text, "250 ok");
  EXPECT_EQ(entries.at(7).attempts, 2);
  EXPECT_EQ(entries.at(65'535).at_seconds, 4'000'000'000);
}

TEST(ReplyLog, TextIsCutAndAttemptsSaturate) {
  const auto entries = decode_replies(encode_reply({1, 5, 999, std::string(1000, 'x')}, 4000));
  EXPECT_EQ(entries.at(1).text.size(), 255u);
  EXPECT_EQ(entries.at(1).attempts, 255);
}

TEST(ReplyLog, ErasedOnesKeepTimeAndAttempts) {
  const std::string log = encode_reply({1, 5, 1, "550 <li@example.cn> unknown"}, 200) +
                          encode_reply({2, 6, 1, "250 ok"}, 40) +
                          encode_reply({1, 7, 2, "550 <li@example.cn> unknown"}, 200);
  const std::string erased = erase_replies(log, {1});
  EXPECT_FALSE(erased.contains("li@"));
  const auto entries = decode_replies(erased);
  EXPECT_EQ(entries.at(1).text, "");
  EXPECT_EQ(entries.at(1).attempts, 2);
  EXPECT_EQ(entries.at(1).at_seconds, 7);
  EXPECT_EQ(entries.at(2).text, "250 ok");
}

TEST(ReplyLog, CutTailIsIgnored) {
  const std::string whole = encode_reply({1, 5, 1, "250 ok"}, 40);
  for (std::size_t cut = 0; cut < whole.size(); ++cut)
    EXPECT_EQ(decode_replies(whole + whole.substr(0, cut)).size(), 1u) << cut;
  for (std::size_t cut = 0; cut < whole.size(); ++cut)
    EXPECT_TRUE(decode_replies(whole.substr(0, cut)).empty()) << cut;
}

}  // namespace
}  // namespace hongyan::store
