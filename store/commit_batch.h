#pragma once

#include "store/redis/command.h"
#include "store/redis/reply.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hongyan::store {

// Which day a charge belongs to is decided by Redis' clock, not by when an engine built the call.
struct BillingDay {
  std::string today;     // "2026-11-20" in [billing] timezone
  std::int64_t ends_ms;  // unix ms at which `tomorrow` begins
  std::string tomorrow;
};

// What settling says of one recipient; the letter is its new state byte.
enum class Settlement : char {
  kDelivered = 'D',
  kBounced = 'B',
  kExpired = 'X',
  kSuppressed = 'S',
  kInvalid = 'I',   // refused before sending
  kDeferred = 'd',  // `wait` says until when
  kInDoubt = 'u',
  kGivenBack = 'r',  // no attempt was made
  kPostponed = 'p',  // no attempt was made; not before `wait`
};

enum class Evidence : char { kNone = '-', kAccepted = 'a', kInvalidAddress = 'b' };

// Why a mark was refused, in the letters of h1_commit.
enum class MarkAnswer : char {
  kGo = 'f',
  kStale = 'S',    // the lease is lost, or the recipient is settled
  kStopped = 'P',  // the job does not run (paused, tripped, cancelled ...)
  kMaxSpend = 'M',
  kNoFunds = 'F',
  kCanary = 'C',  // as many are out as the evidence allows
};

struct Step {
  std::uint64_t chunk = 0;
  std::uint64_t epoch = 0;
  std::uint32_t index = 0;
  bool mark = false;
  bool retry = false;  // mark: this recipient was tried before
  Settlement settlement = Settlement::kGivenBack;
  Evidence evidence = Evidence::kNone;
  std::string wait;    // "due_ms first_attempt_ms attempts"
  std::string result;  // entry of the reply log (see reply_log.h), or empty
  std::string event;   // members of recipient.outcome's data, without braces; empty: no event
  // Members of suppression.added's data: the recipient's address is suppressed; empty: it is not.
  std::string suppression;
};

struct CommitAnswer {
  std::string state;     // of the job
  std::int64_t out = 0;  // in flight, in doubt and (in the canary) deferred
  std::int64_t allowed_out = 0;
  std::string marks;    // a MarkAnswer per mark, in the order of the command
  std::string settles;  // a new state byte per settle, or '-': stale
};

// One h1_commit call for the steps of one job. Steps of one chunk are put together; `order` tells
// where the answers of the caller's steps stand.
struct CommitCommand {
  redis::Command command;
  std::vector<std::size_t> order;  // order[k] = index into `steps` of the k-th step sent
};
CommitCommand build_commit(std::string_view job_id, std::string_view engine, const BillingDay& day,
                           const std::vector<Step>& steps);

CommitAnswer parse_commit_answer(const redis::Reply& reply);

}  // namespace hongyan::store
