#include "scheduler/reply_policy.h"

namespace hongyan::scheduler {
namespace {

using Kind = LaneReaction::Kind;

constexpr Millis kRefusedPause = std::chrono::minutes(30);

LaneReaction reaction(const Answer& answer, const Refusal& refusal) {
  if (answer.code < 400) return {Kind::kFewerConnections};
  if (refusal.lane.kind != Kind::kNone) return refusal.lane;
  if (answer.stage < Stage::kMail) {
    if (answer.code >= 500) return {Kind::kPause, kRefusedPause};
    return {Kind::kFewerConnections};
  }
  if (answer.code == 421 || (answer.stage == Stage::kMail && answer.code < 500))
    return {Kind::kSlow};
  return {};
}

}  // namespace

Ruling judge(const Answer& answer, const Refusal& refusal) {
  const bool to_recipient = answer.stage >= Stage::kRcpt && answer.code != 421;
  switch (answer.verdict) {
    case Verdict::kDelivered:
      return {Outcome::kDelivered, Evidence::kAccepted, {}, true};
    case Verdict::kInDoubt:
      return {Outcome::kInDoubt, Evidence::kNone, {Kind::kFewerConnections}, false};
    case Verdict::kBounced:
    case Verdict::kDeferred:
      if (answer.stage < Stage::kMail || !refusal.bounced)
        return {Outcome::kDeferred, Evidence::kNone, reaction(answer, refusal), to_recipient};
      return {Outcome::kBounced, to_recipient ? refusal.evidence : Evidence::kNone,
              reaction(answer, refusal), to_recipient};
    case Verdict::kUntried:
      break;
  }
  return {Outcome::kDeferred, Evidence::kNone, reaction(answer, refusal), false};
}

Ruling judge(DnsFailure failure) {
  switch (failure) {
    case DnsFailure::kNoSuchDomain:
    case DnsFailure::kNullMx:
    case DnsFailure::kNoAddress:
      return {Outcome::kBounced, Evidence::kBadDomain, {}, true};
    case DnsFailure::kForbiddenAddress:
      return {Outcome::kBounced, Evidence::kNone, {}, true};
    case DnsFailure::kServerFailure:
    case DnsFailure::kTimeout:
      break;
  }
  return {Outcome::kDeferred, Evidence::kNone, {}, false};
}

}  // namespace hongyan::scheduler
