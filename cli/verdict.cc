#include "cli/verdict.h"

#include "base/json.h"
#include "cli/engines.h"
#include "store/keys.h"

#include <algorithm>
#include <thread>

namespace hongyan::cli {
namespace {

using redis::Command;

constexpr Millis kPatience{5000};

std::vector<std::string> sentences(std::string_view faults) {
  std::vector<std::string> found;
  if (const auto list = parse_json(faults))
    for (const Json& fault : list->items()) found.push_back(fault.text());
  return found;
}

// The faults of a refused entry; nothing when it is not refused. Operators, who retry any document,
// read hongyan:dead.
Result<std::optional<std::vector<std::string>>> refusal_of(Session& session,
                                                           const std::string& entry,
                                                           const std::optional<ExpectedJob>& job) {
  if (job) {
    auto told = session.call(Command("GET").arg(store::keys::refusal(job->id, entry)));
    if (!told) return std::unexpected(told.error());
    if (told->is_nil()) return std::nullopt;
    return sentences(told->text());
  }
  // It cannot be refused before it was queued, by the clock of one Redis.
  const std::string from = entry.substr(0, entry.find('-'));
  auto dead = session.call(
      Command("XRANGE").arg(store::keys::kDead).arg(from).arg("+").arg("COUNT").arg(100));
  if (!dead) return std::unexpected(dead.error());
  for (const auto& one : dead->array()) {
    const redis::Reply* id = one[1].find("entry");
    const redis::Reply* faults = one[1].find("faults");
    if (id == nullptr || id->text() != entry || faults == nullptr) continue;
    return sentences(faults->text());
  }
  return std::nullopt;
}

// The engine writes the job, or the dead entry, before it takes the document off the stream.
Result<bool> is_taken(Session& session, const std::string& entry,
                      const std::optional<ExpectedJob>& job) {
  if (!job) {
    auto waiting = session.call(Command("XRANGE").arg(store::keys::kJobs).arg(entry).arg(entry));
    if (!waiting) return std::unexpected(waiting.error());
    return waiting->array().empty();
  }
  auto known =
      session.call(Command("HMGET").arg(store::keys::job(job->id)).arg("digest").arg("tombstone"));
  if (!known) return std::unexpected(known.error());
  return (*known)[0].text() == job->digest && (*known)[1].is_nil();
}

}  // namespace

Result<std::string> enqueue(Session& session, const std::string& document) {
  auto added =
      session.call(Command("XADD").arg(store::keys::kJobs).arg("*").arg("job").arg(document));
  if (!added) return std::unexpected(added.error());
  return std::string(added->text());
}

Result<Verdict> wait_for_verdict(Session& session, const std::string& entry,
                                 const std::optional<ExpectedJob>& job) {
  const auto until = std::chrono::steady_clock::now() + kPatience;
  bool live = false;
  for (;;) {
    auto taken = is_taken(session, entry, job);
    if (!taken) return std::unexpected(taken.error());
    if (*taken ? !job : job.has_value()) {
      auto refused = refusal_of(session, entry, job);
      if (!refused) return std::unexpected(refused.error());
      if (*refused) return Verdict{Verdict::Kind::kRefused, std::move(**refused)};
    }
    if (*taken) return Verdict{Verdict::Kind::kAccepted, {}};
    if (!live) {
      auto engines = load_engines(session);
      if (!engines) return std::unexpected(engines.error());
      live = std::ranges::any_of(*engines, &Engine::live);
      if (!live) return Verdict{Verdict::Kind::kNoEngine, {}};
    }
    if (std::chrono::steady_clock::now() >= until) return Verdict{};
    std::this_thread::sleep_for(Millis{25});
  }
}

}  // namespace hongyan::cli
