#pragma once

#include "store/job_store.h"

#include <string>
#include <string_view>

namespace hongyan::store {

// 32 random bytes that all engines of one Redis share, made by the first that asks. Who can read
// Redis has it: it protects what leaves the machine, not what is stored.
async::Task<Result<std::string>> shared_secret(JobStore& store);

// HMAC-SHA256 of `text` under a key that serves this purpose alone; 32 bytes.
std::string keyed_hash(std::string_view secret, std::string_view purpose, std::string_view text);

}  // namespace hongyan::store
