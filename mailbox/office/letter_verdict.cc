#include "mailbox/office/letter_verdict.h"

#include "base/text.h"
#include "scheduler/retry.h"

#include <algorithm>

namespace hongyan::mailbox {
namespace {

using namespace std::chrono_literals;
using answer::Group;
using smtp::Verdict;

constexpr std::size_t kMostReply = 500;
constexpr Millis kAfterTooFast = 1h;
constexpr Millis kAfterBlock = 24h;
constexpr std::string_view kQuotaClass = "quota";  // of configs/login_errors.toml

void wait_or_give_up(LetterVerdict& verdict, const LetterAttempt& attempt) {
  const scheduler::RetrySchedule schedule;
  const auto next =
      scheduler::next_attempt(schedule, attempt.attempts + 1, attempt.accepted_at, attempt.now, 0);
  verdict.settlement.state = next ? "queued" : "failed";
  if (next) verdict.settlement.due_ms = to_unix_ms(*next);
}

// Nothing is wrong with the letter: it waits as long as its mailbox.
void wait_for(LetterVerdict& verdict, Millis pause, const LetterAttempt& attempt) {
  verdict.pause = pause;
  verdict.settlement.state = "queued";
  verdict.settlement.due_ms = to_unix_ms(attempt.now + pause);
}

login::Stage stage_of(smtp::Stage stage) {
  if (stage == smtp::Stage::kRcpt) return login::Stage::kRcpt;
  return stage < smtp::Stage::kRcpt ? login::Stage::kMail : login::Stage::kData;
}

// False: the provider's rules do not know these words.
bool judge_by_house(const smtp::RecipientOutcome& outcome, const LetterAttempt& attempt,
                    const LetterJudges& judges, LetterVerdict& verdict) {
  const std::string text = outcome.reply.enhanced.empty()
                               ? outcome.reply.text
                               : outcome.reply.enhanced + " " + outcome.reply.text;
  const login::Verdict found =
      judges.house.explain({judges.provider, login::Protocol::kSmtp, stage_of(outcome.stage),
                            std::to_string(outcome.reply.code), text, true});
  if (found.rule.empty()) return false;
  const login::Conclusion& says = found.says;
  verdict.settlement.fields.emplace("group", says.class_name);
  switch (says.reaction) {
    case login::Reaction::kWait:
    case login::Reaction::kRetry:
      verdict.day_is_over = says.class_name == kQuotaClass;
      verdict.too_fast = !verdict.day_is_over;
      wait_for(verdict, says.waits.empty() ? kAfterTooFast : says.waits.front(), attempt);
      return true;
    case login::Reaction::kFix:
      verdict.settlement.state = "failed";
      return true;
    default:
      verdict.about_mailbox = true;
      wait_for(verdict, says.waits.empty() ? kAfterBlock : says.waits.front(), attempt);
      return true;
  }
}

}  // namespace

std::string reply_text(const smtp::RecipientOutcome& outcome) {
  if (outcome.reply.code == 0) return outcome.cause;
  std::string text = std::to_string(outcome.reply.code) + " ";
  if (!outcome.reply.enhanced.empty()) text += outcome.reply.enhanced + " ";
  return escape_control((text + outcome.reply.text).substr(0, kMostReply));
}

LetterVerdict judge_letter(const smtp::RecipientOutcome& outcome, const LetterAttempt& attempt,
                           const LetterJudges& judges) {
  LetterVerdict verdict;
  auto& settlement = verdict.settlement;
  settlement.fields.emplace("reply", reply_text(outcome));
  switch (outcome.verdict) {
    case Verdict::kDelivered:
      settlement.state = "sent";
      settlement.answered = true;
      return verdict;
    case Verdict::kInDoubt:
      settlement.state = "in_doubt";
      return verdict;
    case Verdict::kUntried:
      settlement.gives_place_back = true;
      wait_or_give_up(verdict, attempt);
      return verdict;
    case Verdict::kBounced:
    case Verdict::kDeferred:
      break;
  }
  settlement.gives_place_back = true;
  if (judge_by_house(outcome, attempt, judges, verdict)) return verdict;
  const auto meaning = judges.public_.classify({{},
                                                static_cast<scheduler::Stage>(outcome.stage),
                                                outcome.reply.code,
                                                outcome.reply.enhanced,
                                                outcome.reply.text});
  settlement.fields.emplace("group", std::string(answer::group_name(meaning.group)));
  if (meaning.group == Group::kRate) {
    verdict.too_fast = true;
    wait_for(verdict, std::max(meaning.reaction.pause, kAfterTooFast), attempt);
    return verdict;
  }
  if (meaning.group == Group::kSenderBlocked) {
    verdict.pause = std::max(meaning.reaction.pause, kAfterBlock);
    wait_or_give_up(verdict, attempt);
    return verdict;
  }
  if (!meaning.bounced) {
    wait_or_give_up(verdict, attempt);
    return verdict;
  }
  settlement.state = "bounced";
  settlement.answered = true;
  settlement.bad_address =
      meaning.group == Group::kBadMailbox || meaning.group == Group::kBadDomain;
  verdict.suppress = meaning.suppress;
  return verdict;
}

}  // namespace hongyan::mailbox
