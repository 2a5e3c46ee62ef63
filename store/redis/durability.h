#pragma once

#include "store/redis/client.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hongyan::redis {

// Whether an acknowledged write outlives a SIGKILL of Redis.
enum class Durable : unsigned char {
  kYes,         // append-only file, fsync always (all of it) or everysec (all but 2 s)
  kWeak,        // no append-only file, or fsync left to the system
  kUnreadable,  // CONFIG GET is denied by the ACL: the file is on, the fsync mode unknown
};
std::string_view to_string(Durable durable);

struct Durability {
  std::string version;
  std::string run_id;
  std::string role;  // "master", "slave"
  bool aof = false;
  std::string fsync;           // "always", "everysec", "no"; empty when unreadable
  std::int64_t maxmemory = 0;  // bytes; 0: no limit
  std::string policy;          // maxmemory-policy
  Durable durable = Durable::kUnreadable;
  // Nothing here endangers what was accepted: `durable`, no eviction, and the file can be written.
  bool keeps = false;
  // Sentences. With a fault an engine must not run on this server (exit 78).
  std::vector<std::string> faults;
  std::vector<std::string> warnings;
};

// Judges what INFO and CONFIG GET said; `fsync` empty when CONFIG was denied. Pure.
Durability judge(std::string_view info, std::string_view fsync);

// Reads and judges the server. Errors: the calls' own, "redis-denied" when INFO is denied.
async::Task<Result<Durability>> check_durability(Client& client, async::Deadline deadline);

}  // namespace hongyan::redis
