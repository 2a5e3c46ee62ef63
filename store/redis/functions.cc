#include "store/redis/functions.h"

#include <optional>
#include <string>

namespace hongyan::redis {
namespace {

using async::Deadline;
using async::Task;

std::unexpected<Error> refused(const Reply& reply, const std::string& what) {
  const bool denied = reply.error_code() == "NOPERM";
  return fail(Scope::kProcess, denied ? "redis-functions-denied" : "redis-functions-broken",
              what + ": " + std::string(reply.text()));
}

// Nothing when Redis has no such library, or one that does not say its revision.
Task<Result<std::optional<std::int64_t>>> loaded_revision(Client& client, std::string name,
                                                          Deadline deadline) {
  auto reply = co_await client.call(Command("FCALL").arg(name + "_revision").arg(0), deadline);
  if (!reply) co_return std::unexpected(std::move(reply.error()));
  if (reply->is_integer()) co_return reply->integer();
  if (reply->is_error() && !reply->text().starts_with("ERR Function not found"))
    co_return refused(*reply, "FCALL " + name + "_revision");
  co_return std::nullopt;
}

}  // namespace

Task<Result<void>> ensure_library(Client& client, std::string_view name, int revision,
                                  std::string_view source, Deadline deadline) {
  // The views are the caller's: kept before the first suspension.
  const std::string library(name);
  Command load = Command("FUNCTION").arg("LOAD").arg("REPLACE").arg(source);

  const auto before = co_await loaded_revision(client, library, deadline);
  if (!before) co_return std::unexpected(before.error());
  if (*before && **before == revision) co_return Result<void>();
  if (*before && **before > revision)
    co_return fail(Scope::kProcess, "redis-functions-newer",
                   "Redis has revision " + std::to_string(**before) + " of library " + library +
                       ", this program knows " + std::to_string(revision) +
                       "; run the newer program");

  auto reply = co_await client.call(std::move(load), deadline);
  if (!reply) co_return std::unexpected(std::move(reply.error()));
  if (reply->is_error()) co_return refused(*reply, "FUNCTION LOAD of " + library);

  const auto after = co_await loaded_revision(client, library, deadline);
  if (!after) co_return std::unexpected(after.error());
  if (!*after || **after != revision)
    co_return fail(Scope::kProcess, "redis-functions-broken",
                   "library " + library + " does not report revision " + std::to_string(revision) +
                       " from " + library + "_revision");
  co_return Result<void>();
}

}  // namespace hongyan::redis
