#include "store/redis/durability.h"

#include "store/redis/info.h"

#include <charconv>

namespace hongyan::redis {
namespace {

constexpr int kOldestMajor = 7;

int major_of(std::string_view version) {
  int major = 0;
  std::from_chars(version.data(), version.data() + version.size(), major);
  return major;
}

Durable verdict(const Durability& found) {
  if (!found.aof) return Durable::kWeak;
  if (found.fsync.empty()) return Durable::kUnreadable;
  return found.fsync == "no" ? Durable::kWeak : Durable::kYes;
}

}  // namespace

std::string_view to_string(Durable durable) {
  switch (durable) {
    case Durable::kYes:
      return "yes";
    case Durable::kWeak:
      return "weak";
    case Durable::kUnreadable:
      return "unreadable";
  }
  return "unreadable";
}

Durability judge(std::string_view info, std::string_view fsync) {
  const Info facts(info);
  Durability found;
  found.version = facts.get("redis_version");
  found.run_id = facts.get("run_id");
  found.role = facts.get("role");
  found.aof = facts.get("aof_enabled") == "1";
  found.fsync = fsync;
  found.maxmemory = facts.number("maxmemory");
  found.policy = facts.get("maxmemory_policy");
  found.durable = verdict(found);

  if (major_of(found.version) < kOldestMajor)
    found.faults.push_back("Redis is " + found.version + "; functions need 7.0 or newer");
  if (facts.get("cluster_enabled") == "1")
    found.faults.push_back("Redis runs with cluster-enabled yes; one primary without it is needed");
  if (found.role == "slave")
    found.faults.push_back("this Redis is a replica of " + std::string(facts.get("master_host")) +
                           "; the primary is needed");
  if (found.policy != "noeviction")
    found.faults.push_back("maxmemory-policy is " + found.policy +
                           ", which may drop queued mail; set it to noeviction");
  if (!found.aof)
    found.warnings.push_back(
        "appendonly is no: a crash of Redis loses what the last snapshot lacks");
  else if (found.fsync == "no")
    found.warnings.push_back(
        "appendfsync is no: a crash of the host loses up to 30 s; "
        "set everysec or always");
  else if (found.fsync.empty())
    found.warnings.push_back(
        "appendfsync cannot be read (the ACL denies CONFIG GET): "
        "durability is unknown");
  const bool written = facts.get("aof_last_write_status") != "err";
  found.keeps = found.durable == Durable::kYes && found.policy == "noeviction" && written;
  if (!written)
    found.warnings.push_back("the last write of the append-only file failed: look at Redis' disk");
  return found;
}

async::Task<Result<Durability>> check_durability(Client& client, async::Deadline deadline) {
  auto info = co_await client.call(Command("INFO"), deadline);
  if (!info) co_return std::unexpected(std::move(info.error()));
  if (info->is_error())
    co_return fail(Scope::kProcess, "redis-denied", "INFO: " + std::string(info->text()));
  auto config = co_await client.call(Command("CONFIG").arg("GET").arg("appendfsync"), deadline);
  if (!config) co_return std::unexpected(std::move(config.error()));
  const Reply* fsync = config->find("appendfsync");
  co_return judge(info->text(), fsync == nullptr ? std::string_view{} : fsync->text());
}

}  // namespace hongyan::redis
