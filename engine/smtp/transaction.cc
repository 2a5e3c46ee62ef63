#include "engine/smtp/transaction.h"

#include <algorithm>

namespace hongyan::smtp {

Verdict verdict_of(int code) {
  if (code / 100 == 2) return Verdict::kDelivered;
  return code / 100 == 5 ? Verdict::kBounced : Verdict::kDeferred;
}

void Transaction::begin(Delivery& delivery, const Stamps& connection) {
  const std::size_t recipients = delivery.recipients().size();
  result.delivery = &delivery;
  result.recipients.resize(recipients);
  result.stamps = connection;
  states.assign(recipients, Rcpt::kOpen);
  next_rcpt = 0;
  mail_sent = mail_accepted = data_sent = data_accepted = false;
}

std::size_t Transaction::count(Rcpt state) const {
  return static_cast<std::size_t>(std::ranges::count(states, state));
}

void Transaction::decide(std::size_t rcpt, Stage stage, const ReplyParser& reply) {
  RecipientOutcome& outcome = result.recipients[rcpt];
  outcome.verdict = verdict_of(reply.code());
  outcome.stage = stage;
  reply.copy_to(outcome.reply);
  outcome.cause.clear();
  states[rcpt] = Rcpt::kDecided;
}

void Transaction::decide_rest(Stage stage, const ReplyParser& reply) {
  for (std::size_t i = 0; i < states.size(); ++i)
    if (states[i] != Rcpt::kDecided) decide(i, stage, reply);
}

void Transaction::refuse(std::size_t rcpt, Stage stage, int code, std::string_view enhanced,
                         std::string_view cause, std::string_view text) {
  RecipientOutcome& outcome = result.recipients[rcpt];
  outcome.verdict = Verdict::kBounced;
  outcome.stage = stage;
  outcome.reply.code = code;
  outcome.reply.enhanced = enhanced;
  outcome.reply.text = text;
  outcome.cause = cause;
  states[rcpt] = Rcpt::kDecided;
}

void Transaction::lose_rest(Verdict verdict, Stage stage, std::string_view cause,
                            const ReplyParser* reply) {
  for (std::size_t i = 0; i < states.size(); ++i) {
    if (states[i] == Rcpt::kDecided) continue;
    RecipientOutcome& outcome = result.recipients[i];
    outcome.verdict = verdict;
    outcome.stage = stage;
    outcome.cause = cause;
    if (reply != nullptr) {
      reply->copy_to(outcome.reply);
    } else {
      outcome.reply.code = 0;
      outcome.reply.enhanced.clear();
      outcome.reply.text.clear();
    }
    states[i] = Rcpt::kDecided;
  }
}

}  // namespace hongyan::smtp
