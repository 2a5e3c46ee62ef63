// What becomes of a delivery after an outcome: the ruling of scheduler/reply_policy.h turned into a
// settle step, a count, a line in the log and a reaction of the lane.
#include "base/json.h"
#include "base/text.h"
#include "engine/core/lane_desk.h"
#include "engine/core/routing.h"
#include "engine/identity/recipient_ref.h"
#include "metrics/catalogue.h"
#include "scheduler/reply_policy.h"
#include "store/reply_log.h"

#include <fmt/format.h>

namespace hongyan::engine {
namespace {

// A recipient under whom so many connections failed has been tried, whatever the reason was.
constexpr int kMostUntried = 3;
// Of a lane's last refusal.
constexpr std::size_t kShownReplyBytes = 200;

std::string printable(const smtp::Reply& reply) {
  std::string text = std::to_string(reply.code);
  if (!reply.enhanced.empty()) text += ' ' + reply.enhanced;
  return text + ' ' + reply.text;
}

std::string printable_reply(const smtp::RecipientOutcome& outcome) {
  return outcome.reply.code == 0 ? outcome.cause : printable(outcome.reply);
}

scheduler::Evidence evidence_of(answer::Group group) {
  if (group == answer::Group::kBadMailbox) return scheduler::Evidence::kBadMailbox;
  if (group == answer::Group::kBadDomain) return scheduler::Evidence::kBadDomain;
  return scheduler::Evidence::kNone;
}

store::Evidence evidence_of(scheduler::Evidence evidence) {
  switch (evidence) {
    case scheduler::Evidence::kNone:
      return store::Evidence::kNone;
    case scheduler::Evidence::kAccepted:
      return store::Evidence::kAccepted;
    case scheduler::Evidence::kBadMailbox:
    case scheduler::Evidence::kBadDomain:
      return store::Evidence::kInvalidAddress;
  }
  return store::Evidence::kNone;
}

std::string recipient_ref_of(const BulkDelivery& delivery) {
  return identity::recipient_ref(delivery.job->plan->id, delivery.chunk->number, delivery.index);
}

double seconds_between(SteadyTime from, SteadyTime to) {
  return to > from && from != SteadyTime{} ? std::chrono::duration<double>(to - from).count() : 0;
}

std::string wait_text(std::int64_t due_ms, std::int64_t first_ms, int attempts) {
  return fmt::format("{} {} {}", due_ms, first_ms, attempts);
}

std::string log_entry(const BulkDelivery& delivery, int attempts, const std::string& reply,
                      std::size_t most) {
  const SystemClock clock;
  return store::encode_reply({delivery.index, to_unix_ms(clock.wall()) / 1000, attempts, reply},
                             most);
}

// The members of suppression.added: no mail to this address again.
std::string suppression_of(const BulkDelivery& delivery, const std::string& reply) {
  const std::string object =
      to_json(Json::object({{"address", Json::string(std::string(delivery.recipient().address))},
                            {"reason", Json::string("bounce")},
                            {"reply", Json::string(escape_control(reply))}}));
  return object.substr(1, object.size() - 2);
}

}  // namespace

SettleStep LaneDesk::step_for(const BulkDelivery& delivery) const {
  SettleStep step;
  step.job = delivery.job->plan->id;
  step.step.chunk = delivery.chunk->number;
  step.step.epoch = delivery.chunk->epoch;
  step.step.index = delivery.index;
  return step;
}

// One more attempt failed for now: due again later, or given up.
std::optional<SettleStep> LaneDesk::deferral(BulkDelivery& delivery, store::Evidence evidence,
                                             const std::string& reply) {
  const SystemClock clock;
  const int attempts = delivery.attempts + 1;
  const std::int64_t first = delivery.date_ms();
  SettleStep step = step_for(delivery);
  step.step.evidence = evidence;
  const auto seed = std::hash<std::string_view>{}(delivery.recipient().address);
  const auto next = scheduler::next_attempt(delivery.job->plan->retry, attempts,
                                            from_unix_ms(first), clock.wall(), seed);
  step.step.settlement = next ? store::Settlement::kDeferred : store::Settlement::kExpired;
  if (next) step.step.wait = wait_text(to_unix_ms(*next), first, attempts);
  step.step.result = log_entry(delivery, attempts, reply, store::kRefusedReplyBytes);
  return step;
}

LaneDesk::Conclusion LaneDesk::judge(const LaneEntry& entry,
                                     const smtp::RecipientOutcome& outcome) const {
  const auto stage = static_cast<scheduler::Stage>(outcome.stage);
  const scheduler::Answer answer{static_cast<scheduler::Verdict>(outcome.verdict), stage,
                                 outcome.reply.code};
  if (outcome.reply.code < 400) return {scheduler::judge(answer, {}), {}, {}, false};
  const answer::Meaning meaning = classifier_->classify(
      {entry.named ? std::string_view(entry.key.provider) : std::string_view(), stage,
       outcome.reply.code, outcome.reply.enhanced, outcome.reply.text});
  const scheduler::Refusal refusal{meaning.bounced, evidence_of(meaning.group), meaning.reaction};
  return {scheduler::judge(answer, refusal), meaning.reaction, group_name(meaning.group),
          meaning.suppress};
}

void LaneDesk::count_refusal(LaneEntry& entry, std::string_view group, std::string_view reply) {
  entry.last_refusal = reply.substr(0, kShownReplyBytes);
  if (group.empty()) return;
  sheet_.add(sheet_.counter(metrics::kRefusals,
                            {entry.named ? entry.key.provider : "other", std::string(group)}));
}

// Nobody's answer, for the delivery that it interrupted goes on elsewhere; but the lane must hear
// it, or it would come back at once. Behind some messages it may be no more than the end of a long
// session: then only its words count.
void LaneDesk::hear_farewell(LaneEntry& entry, const smtp::ConnectionEnd& end) {
  const Conclusion told =
      judge(entry, {smtp::Verdict::kDeferred, smtp::Stage::kMail, end.reply, {}});
  const std::string reply = printable(end.reply);
  const auto& reaction = end.messages > 0 ? told.words : told.ruling.lane;
  lane_of(entry).pace().react(reaction, reply, std::chrono::steady_clock::now());
  note_refusal(entry, told.words);
  count_refusal(entry, told.group, reply);
}

bool LaneDesk::has_other_source(const LaneEntry& entry, const BulkDelivery& delivery) {
  const SteadyTime now = std::chrono::steady_clock::now();
  if (!delivery.relay.empty()) return false;
  return std::ranges::any_of(delivery.job->plan->sources, [&](const std::string& source) {
    if (source == entry.key.source || !is_among(source, sources_)) return false;
    const config::Source& other = config_->fleet.sources.at(source);
    if (other.relay || !may_reach(other, *delivery.route)) return false;
    const auto* lane = table_.find_lane({entry.key.provider, source});
    return lane == nullptr ? !resting_until(source, now) : !shut_until(source, *lane, now);
  });
}

std::optional<SettleStep> LaneDesk::conclude(LaneEntry& entry, const smtp::Settled& settled,
                                             std::string_view host, bool& close) {
  auto& delivery = static_cast<BulkDelivery&>(*settled.delivery);
  const smtp::RecipientOutcome& outcome = settled.recipients[0];
  const SteadyTime now = std::chrono::steady_clock::now();
  if (outcome.verdict == smtp::Verdict::kUntried && ++delivery.untried < kMostUntried) {
    // Not an answer to this recipient: it goes on with the next connection.
    unstart(entry, delivery);
    if (draining_) {
      give_back(delivery);
    } else {
      add(delivery);
    }
    return std::nullopt;
  }

  std::string reply = printable_reply(outcome);
  if (outcome.reply.code == 0 && entry.proxy != nullptr)
    reply += " (through proxy " + entry.source->proxy + ')';
  auto [ruling, words, group, suppress] = judge(entry, outcome);
  if (outcome.reply.code == 0 && entry.proxy != nullptr && !entry.proxy->broken_off(now))
    ruling.lane = {};
  using Reaction = scheduler::LaneReaction::Kind;
  if (ruling.lane.kind == Reaction::kCloseConnection) close = true;
  lane_of(entry).settle(ruling, reply, now);
  note_answer(entry, ruling);
  // A 421 is counted when its connection has ended (hear_farewell).
  if (outcome.reply.code != 421) note_refusal(entry, words);
  if (ruling.outcome != scheduler::Outcome::kDelivered)
    count_refusal(entry, outcome.reply.code == 421 ? std::string_view() : group, reply);
  // It is our source that is not welcome: while another may be, that is no attempt.
  if (ruling.lane.kind == Reaction::kNextSource &&
      ruling.outcome == scheduler::Outcome::kDeferred && !delivery.marked && !draining_ &&
      has_other_source(entry, delivery)) {
    leave_connection(delivery);
    add(delivery);
    return std::nullopt;
  }
  if (delivery.attempts == 0) ++delivery.job->answered;
  if (delivery.marked) --delivery.job->marked;
  delivery.marked = false;

  const store::Evidence evidence = evidence_of(ruling.evidence);
  SettleStep step = step_for(delivery);
  step.step.evidence = evidence;
  std::string_view word;
  switch (ruling.outcome) {
    case scheduler::Outcome::kDelivered:
      word = "delivered";
      step.step.settlement = store::Settlement::kDelivered;
      step.step.result =
          log_entry(delivery, delivery.attempts + 1, reply, store::kAcceptedReplyBytes);
      break;
    case scheduler::Outcome::kBounced:
      word = "bounced";
      step.step.settlement = store::Settlement::kBounced;
      step.step.result =
          log_entry(delivery, delivery.attempts + 1, reply, store::kRefusedReplyBytes);
      if (suppress) step.step.suppression = suppression_of(delivery, reply);
      break;
    case scheduler::Outcome::kInDoubt:
      word = "in_doubt";
      step.step.settlement = store::Settlement::kInDoubt;
      step.step.result =
          log_entry(delivery, delivery.attempts + 1, reply, store::kRefusedReplyBytes);
      break;
    case scheduler::Outcome::kDeferred:
      step = *deferral(delivery, evidence, reply);
      word = step.step.settlement == store::Settlement::kExpired ? "expired" : "deferred";
      break;
  }
  const smtp::Stamps& at = settled.stamps;
  const double delays[4] = {
      seconds_between(delivery.claimed_at, delivery.started_at),
      seconds_between(delivery.started_at, at.connect_started > delivery.started_at
                                               ? at.connect_started
                                               : at.envelope_sent),
      at.connect_started > delivery.started_at ? seconds_between(at.connect_started, at.ready) : 0,
      seconds_between(at.envelope_sent, at.answered)};
  const std::string provider = entry.named ? entry.key.provider : std::string("other");
  count(*delivery.job->plan, entry.key.source, provider, word);
  if (delivery.attempts > 0)
    sheet_.add(sheet_.counter(metrics::kRetries, {delivery.job->plan->channel, provider}));
  for (std::size_t i = 0; i < 4; ++i)
    sheet_.observe(phases_[i], static_cast<std::int64_t>(delays[i] * 1e9));
  log_outcome(delivery, entry.key.provider, word, host, reply, delays);
  tell(step, delivery, entry.key.provider, host, delivery.attempts + 1, reply, group);
  return step;
}

void LaneDesk::conclude_unsent(BulkDelivery& delivery, store::Settlement settlement,
                               store::Evidence evidence, std::string_view provider,
                               const std::string& reply) {
  SettleStep step = step_for(delivery);
  step.step.settlement = settlement;
  step.step.evidence = evidence;
  step.step.result = log_entry(delivery, delivery.attempts, reply, store::kRefusedReplyBytes);
  const std::string_view word = settlement == store::Settlement::kInvalid      ? "invalid"
                                : settlement == store::Settlement::kExpired    ? "expired"
                                : settlement == store::Settlement::kSuppressed ? "suppressed"
                                                                               : "bounced";
  count(*delivery.job->plan, delivery.lane_source, "other", word);
  log_outcome(delivery, provider, word, {}, reply, {0, 0, 0, 0});
  tell(step, delivery, provider, {}, delivery.attempts, reply);
  submit(delivery, std::move(step));
}

void LaneDesk::defer_unsent(BulkDelivery& delivery, std::string_view provider,
                            const std::string& reply) {
  SettleStep step = *deferral(delivery, store::Evidence::kNone, reply);
  const std::string_view word =
      step.step.settlement == store::Settlement::kExpired ? "expired" : "deferred";
  count(*delivery.job->plan, delivery.lane_source, "other", word);
  log_outcome(delivery, provider, word, {}, reply, {0, 0, 0, 0});
  tell(step, delivery, provider, {}, delivery.attempts + 1, reply);
  submit(delivery, std::move(step));
}

// The event that goes with the step, when the job asked for it.
void LaneDesk::tell(SettleStep& step, const BulkDelivery& delivery, std::string_view provider,
                    std::string_view host, int attempts, const std::string& reply,
                    std::string_view group) {
  if (!delivery.job->plan->outcome_events) return;
  const auto text = [](std::string_view one) { return Json::string(escape_control(one)); };
  Json event = Json::object({{"ref", Json::string(recipient_ref_of(delivery))},
                             {"address", text(delivery.recipient().address)},
                             {"row", Json::number(std::to_string(delivery.recipient().row))},
                             {"attempts", Json::number(std::to_string(attempts))},
                             {"source", text(delivery.lane_source)},
                             {"provider", text(provider)},
                             {"host", text(host)},
                             {"group", text(group)},
                             {"reply", text(reply)}});
  const JobMessages& messages = delivery.job->plan->messages;
  if (!messages.names.empty())
    event.set("variant", text(messages.names[variant_of(delivery.chunk->number, delivery.index,
                                                        messages.names.size())]));
  const std::string object = to_json(event);
  step.step.event = object.substr(1, object.size() - 2);
}

void LaneDesk::give_back(BulkDelivery& delivery) {
  SettleStep step = step_for(delivery);
  step.step.settlement = store::Settlement::kGivenBack;
  submit(delivery, std::move(step));
}

void LaneDesk::postpone(BulkDelivery& delivery, std::int64_t not_before_ms,
                        std::string_view provider, const std::string& reason) {
  const SystemClock clock;
  const std::int64_t first = delivery.date_ms();
  if (clock.wall() >= from_unix_ms(first) + delivery.job->plan->retry.expiry) {
    conclude_unsent(delivery, store::Settlement::kExpired, store::Evidence::kNone, provider,
                    reason);
    return;
  }
  SettleStep step = step_for(delivery);
  step.step.settlement = store::Settlement::kPostponed;
  step.step.wait = wait_text(not_before_ms, first, delivery.attempts);
  submit(delivery, std::move(step));
}

void LaneDesk::submit(BulkDelivery& delivery, SettleStep step) {
  std::vector<SettleStep> steps;
  steps.push_back(std::move(step));
  settler_.commit(std::move(steps), [this, &delivery](auto) { gone(delivery); });
}

void LaneDesk::gone(BulkDelivery& delivery) {
  // Not before Redis knows what came of it: in between nobody would count it.
  leave_connection(delivery);
  if (delivery.rendered && spare_buffers_.size() < 256)
    spare_buffers_.push_back(std::move(delivery.rendered));
  on_gone_(delivery);
}

void LaneDesk::count(const JobPlan& plan, std::string_view source, std::string_view provider,
                     std::string_view outcome) {
  sheet_.add(sheet_.counter(metrics::kOutcomes, {plan.channel, std::string(source),
                                                 std::string(provider), std::string(outcome)}));
}

void LaneDesk::log_outcome(const BulkDelivery& delivery, std::string_view provider,
                           std::string_view outcome, std::string_view host, std::string_view reply,
                           const double (&delays)[4]) {
  const SystemClock clock;
  const JobPlan& plan = *delivery.job->plan;
  const std::string ref = recipient_ref_of(delivery);
  OutcomeLine line{clock.wall(),
                   plan.id,
                   ref,
                   plan.tenant,
                   plan.channel,
                   delivery.lane_source.empty() ? std::string_view("-") : delivery.lane_source,
                   provider.empty() ? std::string_view("-") : provider,
                   delivery.recipient().address,
                   outcome,
                   delivery.attempts + 1,
                   host,
                   {delays[0], delays[1], delays[2], delays[3]},
                   reply};
  log_.write(line);
}

}  // namespace hongyan::engine
