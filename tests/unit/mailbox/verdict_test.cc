#include "engine/config/bounce_rules.h"
#include "mailbox/office/letter_verdict.h"

#include <gtest/gtest.h>

namespace hongyan::mailbox {
namespace {

using namespace std::chrono_literals;
using smtp::RecipientOutcome;
using smtp::Stage;
using smtp::Verdict;

const WallTime kNow{std::chrono::sys_days{std::chrono::year{2026} / 11 / 21}};

LetterVerdict judged(Verdict verdict, int code, std::string text, Stage stage = Stage::kRcpt,
                     int attempts = 0, Millis age = 0ms, const std::string& provider = {}) {
  static const auto classifier =
      answer::Classifier::create(config::load_bounce_rules().value()).value();
  std::string enhanced;
  if (text.size() > 6 && text[1] == '.') {
    enhanced = text.substr(0, text.find(' '));
    text.erase(0, enhanced.size() + 1);
  }
  const RecipientOutcome outcome{
      verdict, stage, {code, enhanced, text}, code == 0 ? "closed-by-peer" : ""};
  static const auto explainer = login::Explainer::built_in().value();
  return judge_letter(outcome, {attempts, kNow - age, kNow}, {*explainer, *classifier, provider});
}

TEST(LetterVerdict, AcceptedIsSent) {
  const auto verdict = judged(Verdict::kDelivered, 250, "2.0.0 queued", Stage::kContent);
  EXPECT_EQ(verdict.settlement.state, "sent");
  EXPECT_TRUE(verdict.settlement.answered);
  EXPECT_FALSE(verdict.settlement.gives_place_back);
  EXPECT_EQ(verdict.settlement.fields.at("reply"), "250 2.0.0 queued");
}

TEST(LetterVerdict, AnUnknownAnswerIsNeverSentAgain) {
  EXPECT_EQ(judged(Verdict::kInDoubt, 0, "").settlement.state, "in_doubt");
}

TEST(LetterVerdict, ABadAddressBouncesAndCounts) {
  const auto verdict = judged(Verdict::kBounced, 550, "5.1.1 User unknown");
  EXPECT_EQ(verdict.settlement.state, "bounced");
  EXPECT_TRUE(verdict.settlement.bad_address);
  EXPECT_TRUE(verdict.suppress);
  EXPECT_TRUE(verdict.settlement.gives_place_back) << "the provider counts what it took";
  EXPECT_EQ(verdict.settlement.fields.at("group"), "bad-mailbox");
}

TEST(LetterVerdict, TooFastPausesAndSlows) {
  for (const char* words : {"450 RP:TRC", "MI:SFQ", "Mail sending too frequently"}) {
    const auto verdict = judged(Verdict::kDeferred, 450, words, Stage::kMail);
    EXPECT_EQ(verdict.settlement.state, "queued") << words;
    if (verdict.settlement.fields.at("group") != "rate") continue;
    EXPECT_TRUE(verdict.too_fast) << words;
    EXPECT_GE(verdict.pause, 1h);
    EXPECT_EQ(verdict.settlement.due_ms, to_unix_ms(kNow + verdict.pause));
  }
  EXPECT_TRUE(judged(Verdict::kDeferred, 450, "Requested mail action not taken: too frequently",
                     Stage::kMail)
                  .too_fast);
}

TEST(LetterVerdict, AQuotaOfTheDayIsLearnt) {
  const auto verdict = judged(Verdict::kBounced, 550, "5.4.5 Daily user sending limit exceeded",
                              Stage::kMail, 0, 0ms, "gmail");
  EXPECT_TRUE(verdict.day_is_over);
  EXPECT_FALSE(verdict.too_fast);
  EXPECT_EQ(verdict.settlement.state, "queued") << "it goes out later by itself";
}

TEST(LetterVerdict, AMailboxThatIsNotWelcomeIsTold) {
  const auto verdict =
      judged(Verdict::kBounced, 550, "User has no permission", Stage::kMail, 0, 0ms, "netease");
  EXPECT_TRUE(verdict.about_mailbox);
  EXPECT_EQ(verdict.settlement.state, "queued");
  EXPECT_EQ(verdict.settlement.fields.at("group"), "service-off");
}

TEST(LetterVerdict, WhatMayPassIsTriedForThreeDays) {
  EXPECT_EQ(judged(Verdict::kDeferred, 451, "4.3.0 try later").settlement.state, "queued");
  EXPECT_EQ(judged(Verdict::kUntried, 0, "").settlement.state, "queued");
  EXPECT_EQ(
      judged(Verdict::kDeferred, 451, "4.3.0 try later", Stage::kRcpt, 9, 73h).settlement.state,
      "failed");
}

}  // namespace
}  // namespace hongyan::mailbox
