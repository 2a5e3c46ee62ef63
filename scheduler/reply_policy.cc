#include "scheduler/reply_policy.h"

#include <algorithm>
#include <array>

namespace hongyan::scheduler {
namespace {

using Kind = LaneReaction::Kind;

constexpr Millis kRefusedPause = std::chrono::minutes(30);

// RFC 3463 3.2 and RFC 7505: the address, or the domain behind it, does not exist.
bool names_bad_mailbox(std::string_view enhanced) {
  constexpr std::array<std::string_view, 5> kSubjects = {"1.1", "1.2", "1.3", "1.6", "1.10"};
  const auto dot = enhanced.find('.');
  return dot != std::string_view::npos &&
         std::ranges::find(kSubjects, enhanced.substr(dot + 1)) != kSubjects.end();
}

Evidence evidence_of_bounce(const Answer& answer) {
  if (answer.stage < Stage::kRcpt) return Evidence::kNone;
  if (names_bad_mailbox(answer.enhanced)) return Evidence::kBadMailbox;
  const bool address_code = answer.code == 550 || answer.code == 551 || answer.code == 553;
  const bool bare = answer.stage == Stage::kRcpt && answer.enhanced.empty();
  return bare && address_code ? Evidence::kBadMailbox : Evidence::kNone;
}

LaneReaction reaction(const Answer& answer) {
  const int group = answer.code / 100;
  if (group == 5) {
    if (answer.stage < Stage::kMail) return {Kind::kPause, kRefusedPause};
    return {};
  }
  if (group == 4) {
    if (answer.stage < Stage::kMail) return {Kind::kFewerConnections};
    if (answer.stage == Stage::kMail || answer.code == 421) return {Kind::kSlow};
    return {};
  }
  return {Kind::kFewerConnections};
}

}  // namespace

Ruling judge(const Answer& answer) {
  const bool to_recipient = answer.stage >= Stage::kRcpt && answer.code != 421;
  switch (answer.verdict) {
    case Verdict::kDelivered:
      return {Outcome::kDelivered, Evidence::kAccepted, {}, true};
    case Verdict::kInDoubt:
      return {Outcome::kInDoubt, Evidence::kNone, {Kind::kFewerConnections}, false};
    case Verdict::kBounced:
      if (answer.stage < Stage::kMail) break;
      return {Outcome::kBounced, evidence_of_bounce(answer), {}, to_recipient};
    case Verdict::kDeferred:
      return {Outcome::kDeferred, Evidence::kNone, reaction(answer), to_recipient};
    case Verdict::kUntried:
      break;
  }
  return {Outcome::kDeferred, Evidence::kNone, reaction(answer), false};
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
