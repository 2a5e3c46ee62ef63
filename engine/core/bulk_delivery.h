#pragma once

#include "base/clock.h"
#include "dns/mx.h"
#include "engine/core/chunk.h"
#include "engine/core/job_plan.h"
#include "engine/core/nowhere_share.h"
#include "engine/smtp/delivery.h"
#include "store/commit_batch.h"

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace hongyan::engine {

class BulkDelivery;

// A chunk that this worker holds the lease of.
struct HeldChunk {
  std::uint64_t number = 0;
  std::uint64_t epoch = 0;
  std::string group;
  std::int64_t claimed_at_ms = 0;
  Chunk chunk;
  std::deque<BulkDelivery> deliveries;  // addresses are stable
  std::size_t open = 0;                 // not yet settled or given back
  bool lost = false;                    // the lease went to somebody else
  SteadyTime looked_up{};  // when its addresses were last looked for among the suppressed
};

// A job as one worker sees it. Thread: the worker's.
struct HeldJob {
  std::shared_ptr<const JobPlan> plan;
  bool may_send = false;  // runs, inside its window
  std::vector<DueGroup> groups;
  std::int64_t untried = 0;  // in nobody's hands and without an answer, at the last look
  // By number and epoch: a chunk may come again while a lost lease of it winds up.
  std::map<std::pair<std::uint64_t, std::uint64_t>, std::unique_ptr<HeldChunk>> chunks;
  dkim::BodyHashes body_hashes;
  std::deque<BulkDelivery*> parked;  // popped, but the breaker lets no more out for now
  std::int64_t out = 0;              // of all engines, at the last answer of Redis
  std::int64_t allowed_out = 50;
  std::int64_t marked = 0;     // ours, in flight
  std::size_t held = 0;        // recipients claimed and not settled
  std::int64_t started = 0;    // ours, handed to connections and not settled
  SteadyTime refused_until{};  // marks were refused for money

  // Those whose domain takes no mail wait for their turn to be bounced (nowhere_share.h).
  std::deque<BulkDelivery*> nowhere;
  NowhereShare nowhere_seen;
  double nowhere_share = 0;  // of nowhere_seen, at the last update
  std::size_t nowhere_bounced = 0;
  std::size_t answered = 0;  // others of ours that had their first answer

  // Whether one more first attempt may start: what others have out counts as well.
  bool breaker_allows() const {
    const std::int64_t others = out > marked ? out - marked : 0;
    return others + started < allowed_out;
  }
};

// One recipient on its way: what a connection sends and what settling needs to know.
//
// Owner: its HeldChunk, until settled or given back.
class BulkDelivery final : public smtp::Delivery {
 public:
  BulkDelivery(HeldJob& of_job, HeldChunk& of_chunk, std::uint32_t at)
      : job(&of_job), chunk(&of_chunk), index(at) {}

  std::string_view sender() const override {
    return return_path_.empty() ? std::string_view(job->plan->envelope_sender) : return_path_;
  }
  std::span<const std::string> recipients() const override { return address_; }
  bool needs_smtputf8() const override { return rendered && rendered->needs_smtputf8(); }
  std::size_t size() const override { return rendered ? rendered->size() + signature_.size() : 0; }
  std::span<const std::string_view> content() override { return pieces_; }

  const ChunkRecipient& recipient() const { return chunk->chunk.recipients()[index]; }
  // Builds the message and signs it. The same recipient gives the same bytes at every attempt.
  // `lane`: what its return path says it leaves by, JobIdentity::return_path().
  // Errors: the recipient's (scope delivery) and "signing-failed" (scope process).
  Result<void> render(std::unique_ptr<message::Rendered> buffers, const std::string& lane);

  HeldJob* job;
  HeldChunk* chunk;
  std::uint32_t index;
  int attempts = 0;                   // before this one
  std::int64_t first_attempt_ms = 0;  // when it was first tried, or could not be; 0: never yet
  int untried = 0;                    // connections that failed under it since it was claimed
  dns::RoutePtr route;
  std::string relay;  // the source whose smart host takes it; empty: direct
  std::string lane_source;
  std::unique_ptr<message::Rendered> rendered;
  SteadyTime claimed_at{};
  SteadyTime started_at{};
  bool started = false;  // counted in HeldJob::started
  bool marked = false;
  bool admitted = false;  // waits in a lane by leave of its channel's gate
  bool settled = false;   // gone from this worker
  std::string nowhere;    // why its domain takes no mail; empty: it does
  // Why it gets no mail, learned after it was claimed: its turn settles it. Empty: it does.
  std::string suppressed;

  // The message's Date, the same at every attempt, and the start of its retry expiry.
  std::int64_t date_ms() const {
    return first_attempt_ms > 0 ? first_attempt_ms : chunk->claimed_at_ms;
  }

 private:
  friend class Worker;
  Result<void> build(WallTime date);
  Result<void> sign(WallTime date);
  std::array<std::string, 1> address_;
  std::string return_path_;
  std::string signature_;
  std::vector<std::string_view> pieces_;  // signature_ and those of `rendered`
};

// A delivery as the scheduler names it.
inline scheduler::DeliveryHandle handle_of(BulkDelivery& delivery) {
  return scheduler::DeliveryHandle{reinterpret_cast<std::uintptr_t>(&delivery)};
}
inline BulkDelivery& delivery_of(scheduler::DeliveryHandle handle) {
  return *reinterpret_cast<BulkDelivery*>(static_cast<std::uintptr_t>(handle));
}

}  // namespace hongyan::engine
