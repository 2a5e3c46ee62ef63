#pragma once

#include "engine/answer/classifier.h"
#include "engine/smtp/outcome.h"
#include "mailbox/login/explain.h"
#include "store/mailbox_store.h"

#include <optional>
#include <string>

namespace hongyan::mailbox {

// What an attempt at a letter comes to: for the letter, and for its mailbox.
struct LetterVerdict {
  store::MailboxStore::Settlement settlement;
  // The mailbox writes nothing for so long; 0: no pause.
  Millis pause{0};
  bool too_fast = false;       // its gaps must grow
  bool day_is_over = false;    // the provider's quota of the day is used up: that is its cap
  bool suppress = false;       // the address is bad for everybody of the tenant
  bool about_mailbox = false;  // it is the mailbox that is not welcome: as after a failed log-in
};

// Who knows what words mean.
struct LetterJudges {
  const login::Explainer& house;      // what the provider says to its own users
  const answer::Classifier& public_;  // what receivers say to everybody
  std::string provider;               // id in the catalogue; empty: unknown
};

struct LetterAttempt {
  int attempts = 0;      // before this one
  WallTime accepted_at;  // when the letter was handed in
  WallTime now;
};

// Pure. A submission server speaks to its user first: the rules of log-ins are asked before those
// of receivers.
LetterVerdict judge_letter(const smtp::RecipientOutcome& outcome, const LetterAttempt& attempt,
                           const LetterJudges& judges);

// "550 5.1.1 text", or the cause when there was no reply.
std::string reply_text(const smtp::RecipientOutcome& outcome);

}  // namespace hongyan::mailbox
