#include "engine/identity/message_tag.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>

namespace hongyan::identity {
namespace {

const std::string kSecret(32, 's');

MessageTag tag(Purpose purpose, std::uint64_t chunk, std::uint32_t index) {
  return {purpose, {job_ref("spring-1"), chunk, index}};
}

std::string upper(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

TEST(MessageTag, ComesBackAsItWasMade) {
  for (const Purpose purpose : {Purpose::kBounce, Purpose::kUnsubscribe})
    for (const std::uint64_t chunk : {std::uint64_t{0}, std::uint64_t{39062}, ~std::uint64_t{0}}) {
      const std::string text = make_tag(kSecret, tag(purpose, chunk, 255));
      EXPECT_LE(text.size(), kMaxTag) << text;
      for (const std::string& spelling : {text, upper(text)}) {
        const auto read = read_tag(kSecret, spelling);
        ASSERT_TRUE(read) << spelling;
        EXPECT_EQ(read->purpose, purpose);
        EXPECT_EQ(read->ref, tag(purpose, chunk, 255).ref);
      }
    }
}

MessageTag tag_with_lane(std::uint64_t chunk) {
  MessageTag made = tag(Purpose::kBounce, chunk, 255);
  made.lane = lane_ref("s1", "qq");
  return made;
}

TEST(MessageTag, TellsTheLaneWhereThereIsRoom) {
  const std::string text = make_tag(kSecret, tag_with_lane(3'000'000'000));
  EXPECT_LE(text.size(), kMaxTag) << text;
  for (const std::string& spelling : {text, upper(text)}) {
    const auto read = read_tag(kSecret, spelling);
    ASSERT_TRUE(read) << spelling;
    EXPECT_EQ(read->lane, lane_ref("s1", "qq"));
    EXPECT_EQ(read->ref, tag_with_lane(3'000'000'000).ref);
  }
  EXPECT_EQ(read_tag(kSecret, make_tag(kSecret, tag(Purpose::kBounce, 3, 1)))->lane, "");
  const auto longest = read_tag(kSecret, make_tag(kSecret, tag_with_lane(~std::uint64_t{0})));
  ASSERT_TRUE(longest);
  EXPECT_EQ(longest->lane, "");
}

TEST(MessageTag, AnotherLaneMakesItForged) {
  const std::string text = make_tag(kSecret, tag_with_lane(12));
  const std::string lane = '-' + lane_ref("s1", "qq") + '-';
  const auto at = text.find(lane);
  ASSERT_NE(at, std::string::npos) << text;
  for (const std::string& other : {std::string("-"), '-' + lane_ref("s2", "qq") + '-',
                                   '-' + lane_ref("s1", "google") + '-', lane + "aaaaaa-"}) {
    std::string changed = text;
    changed.replace(at, lane.size(), other);
    EXPECT_FALSE(read_tag(kSecret, changed)) << changed;
  }
}

TEST(MessageTag, IsFitForALocalPart) {
  const std::string text = make_tag(kSecret, tag_with_lane(12));
  EXPECT_EQ(text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-"), std::string::npos)
      << text;
}

TEST(MessageTag, AnyOtherCharacterMakesItForged) {
  const std::string text = make_tag(kSecret, tag_with_lane(12));
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string changed = text;
    changed[i] = changed[i] == 'a' ? 'c' : 'a';
    EXPECT_FALSE(read_tag(kSecret, changed)) << changed;
  }
  EXPECT_FALSE(read_tag(std::string(32, 'x'), text));
}

TEST(MessageTag, AnythingElseIsNone) {
  for (const char* text : {"", "b", "b----", "b-a-b-c", "bounce", "b-aaaaaaaaaaaa-0-0-aaaaaaaa-x",
                           "x-aaaaaaaaaaaa-0-0-aaaaaaaa", "b-aaaaaaaaaaaa--0-aaaaaaaa"})
    EXPECT_FALSE(read_tag(kSecret, text)) << text;
  EXPECT_FALSE(read_tag(kSecret, std::string(100'000, '-')));
}

TEST(LaneRef, IsShortAndOfOneSourceAndProvider) {
  EXPECT_EQ(lane_ref("s1", "qq").size(), 6U);
  EXPECT_NE(lane_ref("s1", "qq"), lane_ref("s1q", "q"));
  EXPECT_NE(lane_ref("s1", "qq"), lane_ref("s2", "qq"));
}

TEST(JobRef, IsShortAndOfOneJob) {
  EXPECT_EQ(job_ref("spring-1").size(), 12U);
  EXPECT_NE(job_ref("spring-1"), job_ref("spring-2"));
}

}  // namespace
}  // namespace hongyan::identity
