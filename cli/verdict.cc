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

// The faults that hongyan:dead tells of the entry; nothing when it is not there.
Result<std::optional<std::vector<std::string>>> refusal_of(Session& session,
                                                           const std::string& entry) {
  // It cannot be refused before it was queued, by the clock of one Redis.
  const std::string from = entry.substr(0, entry.find('-'));
  auto dead = session.call(
      Command("XRANGE").arg(store::keys::kDead).arg(from).arg("+").arg("COUNT").arg(100));
  if (!dead) return std::unexpected(dead.error());
  for (const auto& one : dead->array()) {
    const redis::Reply* id = one[1].find("entry");
    const redis::Reply* faults = one[1].find("faults");
    if (id == nullptr || id->text() != entry || faults == nullptr) continue;
    std::vector<std::string> sentences;
    if (const auto list = parse_json(faults->text()))
      for (const Json& fault : list->items()) sentences.push_back(fault.text());
    return sentences;
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
      auto refused = refusal_of(session, entry);
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
