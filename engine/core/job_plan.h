#pragma once

#include "base/money.h"
#include "engine/config/fleet.h"
#include "engine/core/job_identity.h"
#include "engine/core/job_message.h"
#include "engine/dkim/signer.h"
#include "engine/job/window.h"
#include "scheduler/ids.h"
#include "scheduler/retry.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace hongyan::engine {

// What sending a job needs and what never changes: built once from its document, shared by workers.
struct JobPlan {
  std::string id;
  std::string tenant;
  std::string channel;
  scheduler::JobNumber number{};
  scheduler::TenantNumber tenant_number{};
  int priority = 5;
  std::string envelope_sender;  // of messages without a return path of their own
  std::shared_ptr<const JobIdentity> identity;
  JobMessages messages;
  std::shared_ptr<const dkim::Signer> signer;  // null: messages are not signed
  scheduler::RetrySchedule retry;
  std::optional<job::Window> window;
  std::vector<std::string> sources;  // of the channel
  config::TlsMode tls = config::TlsMode::kOpportunistic;
  bool outcome_events = false;
  bool lenient = false;  // a TLS report: it goes although the receiver's TLS is broken
};

}  // namespace hongyan::engine
