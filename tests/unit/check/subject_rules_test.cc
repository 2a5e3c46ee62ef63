#include "engine/check/message_rules.h"
#include "tests/unit/check/findings_of.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hongyan::check {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

std::vector<std::string> ids(const std::vector<std::string>& subjects, const Market& market = {},
                             Kind kind = Kind::kCommercial) {
  Findings findings;
  check_subjects(subjects, kind, market, findings);
  return ids_of(findings);
}

TEST(SubjectRules, AnOrdinarySubjectIsFine) {
  EXPECT_THAT(ids({"Your spring points", "春季积分"}), IsEmpty());
}

TEST(SubjectRules, BlanksOfAnyKindAreEmpty) {
  for (const char* subject : {"", " \t", "\u3000\u3000", "\u00A0"})
    EXPECT_THAT(ids({subject}), ElementsAre("subject-empty"));
}

TEST(SubjectRules, ChineseTakesTwoColumnsEach) {
  std::string chinese;
  for (int i = 0; i < 39; ++i) chinese += "春";
  EXPECT_THAT(ids({chinese}), IsEmpty());
  EXPECT_THAT(ids({chinese + "春"}), ElementsAre("subject-long"));
  EXPECT_THAT(ids({std::string(79, 'x')}), ElementsAre("subject-long"));
}

TEST(SubjectRules, MarksOfAnswersAndForwardsInAnyLanguage) {
  for (const char* subject : {"Re: hello", "RE：hello", "fw: hello", "Fwd : hello", "Re[2]: hello",
                              "AW: hello", "回复：你好", "转发: 你好", "答复：你好", "  Re: hello"})
    EXPECT_FALSE(reply_prefix(subject).empty()) << subject;
  for (const char* subject : {"Regarding your order", "Re-opening", "Reward: 5", "回复你的问题",
                              "Forward: the new model"})
    EXPECT_TRUE(reply_prefix(subject).empty()) << subject;
  EXPECT_THAT(ids({"Re: hello"}), ElementsAre("subject-misleading"));
}

TEST(SubjectRules, TheLabelIsAWordOfItsOwnInFront) {
  for (const char* subject : {"广告 春季", "广告：春季", "【广告】春季", "(AD) spring",
                              "AD: spring", "[AD]spring", "AD spring", "AD春季", "（广告）春季"})
    EXPECT_TRUE(has_ad_label(subject)) << subject;
  for (const char* subject :
       {"春季广告", "ADIDAS", "Ad: spring", "ad spring", "Advantage", "AD-hoc", "", "spring AD"})
    EXPECT_FALSE(has_ad_label(subject)) << subject;
}

TEST(SubjectRules, CommercialMailToChinaNeedsTheLabel) {
  const Market china{1000, 990, false};
  EXPECT_THAT(ids({"春季"}, china), ElementsAre("ad-label"));
  EXPECT_THAT(ids({"广告 春季"}, china), IsEmpty());
  EXPECT_THAT(ids({"春季"}, china, Kind::kTransactional), IsEmpty());
  // One of two templates is enough to be against the law.
  EXPECT_THAT(ids({"广告 春季", "春季"}, china), ElementsAre("ad-label"));
  EXPECT_THAT(ids({"春季"}, Market{0, 0, true}), ElementsAre("ad-label"));
}

TEST(SubjectRules, AFewChineseReceiversAreAWarning) {
  EXPECT_THAT(ids({"spring"}, Market{1000, 9, false}), ElementsAre("ad-label-few"));
  EXPECT_THAT(ids({"spring"}, Market{1000, 10, false}), ElementsAre("ad-label"));
  EXPECT_THAT(ids({"spring"}, Market{1000, 0, false}), IsEmpty());
}

TEST(SubjectRules, ShoutingIsCapitalsOrManyMarks) {
  EXPECT_THAT(ids({"BUY EVERYTHING NOW"}), Contains("subject-shouting"));
  EXPECT_THAT(ids({"now！！！"}), Contains("subject-shouting"));
  EXPECT_THAT(ids({"IBM and HP"}), Not(Contains("subject-shouting")));
}

TEST(SubjectRules, AThousandEqualSubjectsAreToldOnce) {
  EXPECT_THAT(ids(std::vector<std::string>(1000, "Re: hello")), ElementsAre("subject-misleading"));
}

}  // namespace
}  // namespace hongyan::check
