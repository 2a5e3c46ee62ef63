#pragma once

#include "base/fault.h"
#include "engine/config/config.h"
#include "engine/core/dkim_keys.h"
#include "engine/core/job_message.h"
#include "engine/core/job_plan.h"
#include "engine/job/job.h"
#include "store/job_store.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace hongyan::engine {

// What intake asks of the configuration.
job::IntakePolicy intake_policy(const config::Fleet& fleet);

// Plans of the jobs that are being sent, made once from their documents.
//
// Owner: the supervisor. Thread: its own; the plans themselves are immutable and shared.
class JobBook {
 public:
  // `secret`: what the tags and links of messages are authenticated with.
  JobBook(std::shared_ptr<const config::Config> config, std::shared_ptr<const DkimKeys> keys,
          store::JobStore& store, std::string secret)
      : config_(std::move(config)),
        keys_(std::move(keys)),
        store_(store),
        identity_secret_(std::move(secret)) {}

  // Loads and compiles on first sight. Errors: those of the store; "bad-job" for a document that
  // this engine's configuration does not admit (any more).
  async::Task<Result<std::shared_ptr<const JobPlan>>> plan(std::string id);
  void forget(const std::string& id) { plans_.erase(id); }

 private:
  std::shared_ptr<const config::Config> config_;
  std::shared_ptr<const DkimKeys> keys_;
  store::JobStore& store_;
  std::string identity_secret_;
  std::map<std::string, std::shared_ptr<const JobPlan>> plans_;
  std::map<std::string, std::uint32_t> tenants_;
  std::uint32_t next_job_ = 1;
};

}  // namespace hongyan::engine
