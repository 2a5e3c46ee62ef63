#pragma once

#include "engine/identity/message_tag.h"
#include "engine/identity/tracking_token.h"
#include "engine/identity/unsubscribe_token.h"
#include "metrics/registry.h"
#include "store/job_store.h"
#include "store/lane_store.h"
#include "store/suppression.h"

#include <optional>
#include <string>
#include <string_view>

namespace hongyan::engine {

// What came back for a message after its answer.
struct LateReport {
  enum class Kind : unsigned char { kBounce, kComplaint, kUnsubscribe };
  Kind kind = Kind::kBounce;
  std::string group;             // of a bounce, as answer::group_name has it
  std::string status;            // enhanced code, or empty
  std::string text;              // the words, or how it came
  bool invalid_address = false;  // evidence for the breaker
  bool suppress = false;         // a bounce that proves the address bad; the others always suppress
};

// Counts, judges, suppresses and tells what comes back late, also when the job has ended. What it
// answers is durable: an error means that nothing can be promised, and it should come again.
//
// Owner: the engine. Thread: the control thread.
class LateReports {
 public:
  LateReports(store::JobStore& store, std::string secret, metrics::Registry& registry);

  // "counted", "known" (told before) or "gone" (nothing is kept of that message any more). `lane`:
  // lane_ref() of what the message left by; empty: not known.
  async::Task<Result<std::string>> take(identity::MessageRef ref, LateReport report,
                                        std::string lane);
  // Works for ever: the link itself says who it is.
  async::Task<Result<std::string>> unsubscribe(identity::Unsubscriber who, std::string how);

  // Best effort: nobody waits for a count. "counted", "known" or "gone".
  async::Task<Result<std::string>> seen(identity::Tracking what);

  struct Recipient {
    std::string job, tenant, address;
    std::uint64_t row = 0;
  };
  // Nothing: its job's data are gone, or it was forgotten.
  async::Task<Result<std::optional<Recipient>>> find(identity::MessageRef ref);
  // Whose message a mail answers, by its In-Reply-To or References, with brackets or
  // without; nothing: none of ours.
  async::Task<Result<std::optional<Recipient>>> answered(std::string message_ids);

  // Nothing: not ours, or forged.
  std::optional<identity::MessageTag> read_tag(std::string_view text) const;
  std::optional<identity::Unsubscriber> open_link(std::string_view token) const;
  std::optional<identity::Tracking> open_tracked(std::string_view token) const;

 private:
  async::Task<Result<std::string>> record(std::string job, std::uint64_t chunk, std::uint32_t index,
                                          Recipient recipient, LateReport report);

  // The sign for the lane. Best effort: the report itself is stored by then, and another copy of it
  // is known.
  async::Task<> tell_lane(std::string lane, LateReport::Kind kind, bool invalid_address);

  store::JobStore& store_;
  store::LaneStore lanes_;
  store::SuppressionStore suppressions_;
  std::string secret_;
  metrics::Registry& registry_;
};

}  // namespace hongyan::engine
