#include "engine/answer/classifier.h"

#include <gtest/gtest.h>

namespace hongyan::answer {
namespace {

using scheduler::Stage;

Rule rule(std::string name, std::string match, std::string kind, std::string example) {
  Rule made;
  made.name = std::move(name);
  made.match = std::move(match);
  made.kind = std::move(kind);
  made.example = std::move(example);
  made.place = "here:" + made.name;
  return made;
}

RuleBook book() {
  RuleBook made;
  made.kinds = {
      {"gone", Group::kBadMailbox, std::nullopt, true, {}, "gone"},
      {"fast", Group::kRate, false, false, {scheduler::LaneReaction::Kind::kSlow}, "fast"},
      {"other", Group::kOther, std::nullopt, false, {}, "other"}};
  Family own{"own", 10, {"sina"}, {}};
  own.rules.push_back(rule("slow", "no user", "fast", "550 no user"));
  Rule tag = rule("tag", "QX:ABC", "fast", "550 QX:ABC");
  tag.unmistakable = true;
  own.rules.push_back(tag);
  Family all{"all", 70, {}, {}};
  all.rules.push_back(rule("gone", "no user", "gone", "550 no user"));
  Rule by_stage = rule("early", "", "other", "554 x");
  by_stage.codes = {"554"};
  by_stage.stages = {Stage::kGreeting};
  all.rules.push_back(by_stage);
  Rule by_status = rule("x.1.1", "", "gone", "550 5.1.1 x");
  by_status.statuses = {"x.1.1"};
  all.rules.push_back(by_status);
  made.families = {all, own};
  return made;
}

std::shared_ptr<const Classifier> made() {
  auto classifier = Classifier::create(book());
  EXPECT_TRUE(classifier.has_value());
  return classifier ? *classifier : nullptr;
}

TEST(Classifier, AReceiversOwnRulesComeFirst) {
  EXPECT_EQ(made()->classify({"sina", Stage::kRcpt, 550, "", "No user"}).rule_name(), "own/slow");
  EXPECT_EQ(made()->classify({"qq", Stage::kRcpt, 550, "", "No user"}).rule_name(), "all/gone");
  EXPECT_EQ(made()->classify({"", Stage::kRcpt, 550, "", "No user"}).rule_name(), "all/gone");
}

TEST(Classifier, UnmistakableRulesHoldForStrangers) {
  EXPECT_EQ(made()->classify({"", Stage::kRcpt, 550, "", "no user QX:ABC"}).rule_name(), "own/tag");
}

TEST(Classifier, TheKindMayOverrideTheDigit) {
  EXPECT_FALSE(made()->classify({"sina", Stage::kRcpt, 550, "", "no user"}).bounced);
  EXPECT_TRUE(made()->classify({"", Stage::kRcpt, 550, "", "no user"}).bounced);
  EXPECT_FALSE(made()->classify({"", Stage::kRcpt, 450, "", "no user"}).bounced);
}

TEST(Classifier, NobodyIsSuppressedForA4xxOrForWhatWasSaidBeforeRcpt) {
  EXPECT_TRUE(made()->classify({"", Stage::kRcpt, 550, "", "no user"}).suppress);
  EXPECT_FALSE(made()->classify({"", Stage::kRcpt, 450, "", "no user"}).suppress);
  EXPECT_FALSE(made()->classify({"", Stage::kMail, 550, "", "no user"}).suppress);
}

TEST(Classifier, WhatElseAReplySaysMayTakeARuleAway) {
  RuleBook rules = book();
  Rule careful = rule("careful", "dead", "gone", "550 dead");
  careful.unless = "your host";
  rules.families[0].rules.push_back(careful);
  const auto classifier = Classifier::create(std::move(rules));
  ASSERT_TRUE(classifier);
  const auto rule_for = [&](std::string_view text) {
    return (*classifier)->classify({"", Stage::kRcpt, 550, "", text}).rule_name();
  };
  EXPECT_EQ(rule_for("Dead"), "all/careful");
  EXPECT_EQ(rule_for("dead: YOUR HOST"), "");
}

TEST(Classifier, StagesAndStatusesAreConditions) {
  EXPECT_EQ(made()->classify({"", Stage::kGreeting, 554, "", "x"}).rule_name(), "all/early");
  EXPECT_EQ(made()->classify({"", Stage::kRcpt, 554, "", "x"}).rule_name(), "");
  EXPECT_EQ(made()->classify({"", Stage::kRcpt, 450, "4.1.1", "x"}).rule_name(), "all/x.1.1");
  EXPECT_EQ(made()->classify({"", Stage::kRcpt, 450, "", "x (#4.1.1)"}).rule_name(), "all/x.1.1");
  EXPECT_EQ(made()->classify({"", Stage::kRcpt, 450, "4.1.10", "x"}).rule_name(), "");
}

TEST(Classifier, WhatNoRuleFitsIsOtherByItsDigit) {
  const Meaning meaning = made()->classify({"", Stage::kRcpt, 500, "", "what?"});
  EXPECT_EQ(meaning.group, Group::kOther);
  EXPECT_TRUE(meaning.bounced);
  EXPECT_EQ(meaning.kind, nullptr);
}

}  // namespace
}  // namespace hongyan::answer
