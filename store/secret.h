#pragma once

#include "store/job_store.h"

#include <string>

namespace hongyan::store {

// 32 random bytes that all engines of one Redis share, made by the first that asks. Who can read
// Redis has it: it protects what leaves the machine, not what is stored.
async::Task<Result<std::string>> shared_secret(JobStore& store);

}  // namespace hongyan::store
