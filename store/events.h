#pragma once

#include "store/job_store.h"

#include <string>

namespace hongyan::store {

// An event that belongs to no atomic step of a job (those lie in the job's outbox until published).
struct Event {
  std::string type;  // "lane.mode", "control.done" ...
  std::string tenant;
  std::string job;
  std::string data;  // JSON
};

// Puts it on hongyan:events under the next number; `keep` entries stay there.
async::Task<Result<void>> publish_event(JobStore& store, Event event, std::int64_t keep);

}  // namespace hongyan::store
