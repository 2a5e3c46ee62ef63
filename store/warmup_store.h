#pragma once

#include "scheduler/warmup.h"
#include "store/job_store.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace hongyan::store {

// How far a source has come with one provider, counted over all engines. Thread: the client's.
class WarmupStore {
 public:
  explicit WarmupStore(JobStore& store) : store_(store) {}

  struct Ask {
    std::string source;
    std::string provider;   // those without a name share one
    std::string start;      // as configured: another one begins anew
    std::int64_t date = 1;  // days since the start, 1: the start itself
    std::int64_t day_ends_ms = 0;
    std::int64_t wanted = 0;
    std::int64_t returned = 0;  // leased today and not used
    // What came since it was told last, and what all of today comes to.
    scheduler::WarmupSigns signs;
    scheduler::WarmupVerdict verdict = scheduler::WarmupVerdict::kGood;
    std::vector<std::int64_t> curve;
  };
  struct Lease {
    std::int64_t granted = 0;  // messages that may be sent until the day ends
    scheduler::WarmupDay day;
  };
  async::Task<Result<Lease>> lease(Ask ask);

  // What is known of a source, by provider.
  struct Record {
    std::string start;
    std::int64_t date = 0;  // of the last change, as in Ask
    scheduler::WarmupDay day;
  };
  async::Task<Result<std::map<std::string, Record>>> load(std::string source);

 private:
  JobStore& store_;
};

}  // namespace hongyan::store
