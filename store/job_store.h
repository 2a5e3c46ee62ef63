#pragma once

#include "base/async/task.h"
#include "base/clock.h"
#include "base/money.h"
#include "store/commit_batch.h"
#include "store/redis/client.h"

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hongyan::store {

// The public hash of a job and what is due in it, at one moment of Redis.
struct JobView {
  struct Group {
    std::string id;
    std::string domain;  // "*": mixed
    std::int64_t due = 0;
    std::int64_t next_due_ms = 0;
  };
  std::map<std::string, std::string, std::less<>> fields;
  std::vector<Group> groups;  // only those with something waiting
  std::int64_t now_ms = 0;    // Redis' time

  bool exists() const { return !fields.empty(); }
  std::string text(std::string_view field) const;
  std::int64_t number(std::string_view field) const;
};

// Why a recipient was not claimable until now.
struct Wait {
  std::uint32_t index = 0;
  std::int64_t due_ms = 0;
  std::int64_t first_attempt_ms = 0;  // 0: never tried
  int attempts = 0;
  char state = 'd';  // the state byte it had: w, d or u
};

struct ClaimedChunk {
  std::uint64_t number = 0;
  std::uint64_t epoch = 0;
  std::string data;    // compressed recipients (engine/core/chunk.h)
  std::string states;  // a byte each; 'c' are ours now
  std::vector<Wait> waits;
  std::int64_t claimed_at_ms = 0;  // Redis' time; the Date of first attempts
};

struct PlanLease {
  std::string epoch;
  std::int64_t step_items = 0;
  std::int64_t items_waiting = 0;
};
struct PlanStep {
  std::int64_t items = 0;
  std::uint64_t first_chunk = 0;
  std::uint64_t lines_before = 0;
  // Groups there were before the step: who repeats the step of a dead planner must not see its new
  // ones, or the same lines would fall into other chunks.
  std::vector<std::string> groups;
};
struct PlannedChunk {
  std::uint64_t number = 0;
  std::string group;
  std::string data;
  std::string states;                       // 'q', 'S' or 'I' each
  std::string replies;                      // why, for each 'S' (reply_log.h)
  std::vector<std::uint64_t> fingerprints;  // 63 bits, one per 'q' and 'S'
};

enum class IntakeVerdict : unsigned char { kCreated, kSame, kDiffers, kTombstone };

struct IntakeRecord {
  std::string id;
  std::string digest;
  std::string document;  // canonical JSON
  std::vector<std::pair<std::string, std::string>> fields;
};

// Jobs in Redis: every method is one atomic call of store/functions on keys of one slot.
//
// Thread: the client's. Errors: those of redis::Client, and "redis-refused" with Redis' own words.
class JobStore {
 public:
  explicit JobStore(redis::Client& client, std::chrono::milliseconds patience = Millis{5000})
      : client_(client), patience_(patience) {}

  async::Task<Result<IntakeVerdict>> intake(IntakeRecord record);
  // "done", "kept" (the job is unknown yet) or the sentence that refuses.
  async::Task<Result<std::string>> control(std::string id, std::string op, std::string actor,
                                           std::string reason, std::int64_t budget);

  async::Task<Result<std::optional<PlanLease>>> plan_lease(std::string id, std::string engine);
  async::Task<Result<std::optional<PlanStep>>> plan_begin(std::string id, std::string engine,
                                                          std::string epoch, std::int64_t items);
  // False: the lease is lost.
  async::Task<Result<bool>> plan_chunk(std::string id, std::string engine, std::string epoch,
                                       PlannedChunk chunk);
  async::Task<Result<bool>> plan_commit(std::string id, std::string engine, std::string epoch,
                                        std::vector<std::uint64_t> blocks, bool complete);
  async::Task<Result<bool>> plan_stop(std::string id, std::string engine, std::string epoch,
                                      std::string reason);

  async::Task<Result<JobView>> view(std::string id);
  async::Task<Result<std::optional<ClaimedChunk>>> claim(std::string id, std::string engine,
                                                         std::string group, Millis lease,
                                                         double random);
  // Which of the (chunk, epoch) pairs are still the engine's.
  async::Task<Result<std::vector<bool>>> extend(
      std::string id, std::string engine, Millis lease,
      std::vector<std::pair<std::uint64_t, std::uint64_t>> chunks);
  // See h1_restore: `held` are indexes with 'c' or 'f'.
  async::Task<Result<bool>> restore(std::string id, std::string engine, std::uint64_t chunk,
                                    std::uint64_t epoch, Millis lease, std::int64_t claimed_at_ms,
                                    std::vector<std::pair<char, std::uint32_t>> held);
  async::Task<Result<CommitAnswer>> commit(redis::Command command);

  struct Ticked {
    std::string state;
    bool work_left = false;
    std::int64_t ended_at_ms = 0;
  };
  async::Task<Result<std::optional<Ticked>>> tick(std::string id, int most_chunks);
  // An operator settles one recipient in doubt or held, once: "delivered", "resend" or "drop". The
  // new state letter, or the sentence that refuses. The job becomes active again: an ended one has
  // charges to roll up, money to give back or the recipient to send.
  async::Task<Result<std::string>> doubt(std::string id, std::uint64_t chunk, std::uint32_t index,
                                         std::string as, std::string result, BillingDay day);

  // Puts a chunk without some recipients' data in place of what was read. "ok", "changed" (read
  // again) or "busy" (an engine has one of them in hand). The job becomes active again.
  struct Erasure {
    std::uint64_t chunk = 0;
    std::string data, new_data;
    std::string replies, new_replies;
    std::vector<std::uint32_t> indexes;
  };
  async::Task<Result<std::string>> forget(std::string id, Erasure erasure);

  // What came back for a recipient after the answer. "counted", "known" (told before) or "gone"
  // (its job's data are). The job becomes active again: there are events to publish.
  struct Late {
    std::string kind;  // bounce, complaint, unsubscribe
    std::uint64_t chunk = 0;
    std::uint32_t index = 0;
    bool invalid_address = false;  // evidence for the breaker
    std::string event;             // members of recipient.late's data
    std::string suppression;       // members of suppression.added's data; empty: none
    std::string status{};          // enhanced code, for reports
  };
  async::Task<Result<std::string>> late(std::string id, Late report);

  // What a recipient did with the message: "counted", "known" or "gone".
  struct Seen {
    bool click = false;  // otherwise opened
    std::uint64_t chunk = 0;
    std::uint32_t index = 0;
    std::uint32_t link = 0;
    std::string event;  // members of recipient.opened's or recipient.clicked's data; empty: none
  };
  async::Task<Result<std::string>> seen(std::string id, Seen what);

  // Any command; Redis' error answers become Errors.
  async::Task<Result<redis::Reply>> call(redis::Command command);
  // Several in one flight; the first error fails the whole.
  async::Task<Result<std::vector<redis::Reply>>> pipeline(std::vector<redis::Command> commands);
  redis::Client& client() { return client_; }

 private:
  // Before a change by hand, so that a crash in between leaves a job that is looked at, not one
  // that is forgotten: an ended one has charges to roll up or money to give back.
  async::Task<Result<void>> reactivate(std::string id);

  redis::Client& client_;
  std::chrono::milliseconds patience_;
};

}  // namespace hongyan::store
