#pragma once

#include "base/async/task.h"
#include "engine/config/config.h"
#include "engine/core/billing_calendar.h"
#include "store/job_store.h"
#include "store/money_store.h"

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace hongyan::engine {

// Lets go of what has been kept long enough: data of ended jobs, lists that no job came for, old
// days of ledgers. A small step at a time; every engine takes them, each is idempotent.
//
// Owner: Supervisor. Thread: the control thread.
class Retention {
 public:
  Retention(std::shared_ptr<const config::Config> config, store::JobStore& store);

  // Some milliseconds of work at most.
  async::Task<> step();

 private:
  async::Task<> bury_job();
  async::Task<> expire_lists();
  async::Task<> drop_ledger_days();

  std::shared_ptr<const config::Config> config_;
  BillingCalendar calendar_;
  store::JobStore& store_;
  store::MoneyStore money_;
  std::string keys_seen_ = "0";       // cursor over all keys
  std::vector<std::string> tenants_;  // still to look at
  std::string entries_seen_ = "0";    // cursor over the ledger of the last of them
};

}  // namespace hongyan::engine
