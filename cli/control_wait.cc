#include "cli/control_wait.h"

#include "base/json.h"
#include "store/keys.h"

#include <cstdlib>
#include <pwd.h>
#include <thread>
#include <unistd.h>

namespace hongyan::cli {
namespace {

using redis::Command;

constexpr Millis kPatience{5000};

std::string text_of(const Json& object, std::string_view name) {
  const Json* value = object.find(name);
  return value == nullptr ? std::string() : value->text();
}

// The engine's answer among the events after `since`: "done", "kept" or a sentence; empty: none.
Result<std::string> answer_since(Session& session, std::string since, const Operation& operation) {
  for (;;) {
    auto events = session.call(Command("XRANGE")
                                   .arg(store::keys::kEvents)
                                   .arg("(" + since)
                                   .arg("+")
                                   .arg("COUNT")
                                   .arg(500));
    if (!events) return std::unexpected(events.error());
    const auto found = events->array();
    for (const auto& event : found) {
      since = std::string(event[0].text());
      const redis::Reply& fields = event[1];
      const redis::Reply* type = fields.find("type");
      const redis::Reply* job = fields.find("job");
      const redis::Reply* data = fields.find("data");
      if (type == nullptr || job == nullptr || data == nullptr ||
          !type->text().starts_with("control.") || job->text() != operation.job)
        continue;
      const auto said = parse_json(data->text());
      if (said && text_of(*said, "op") == operation.op &&
          text_of(*said, "actor") == operation.actor)
        return text_of(*said, "answer");
    }
    if (found.size() < 500) return std::string();
  }
}

}  // namespace

Result<Effect> carry_out(Session& session, const Operation& operation) {
  auto last = session.call(
      Command("XREVRANGE").arg(store::keys::kEvents).arg("+").arg("-").arg("COUNT").arg(1));
  if (!last) return std::unexpected(last.error());
  const std::string since = last->array().empty() ? "0-0" : std::string((*last)[0][0].text());
  Command add("XADD");
  add.arg(store::keys::kControl).arg("*").arg("op").arg(operation.op).arg("job").arg(operation.job);
  add.arg("actor").arg(operation.actor).arg("reason").arg(operation.reason);
  if (operation.budget >= 0) add.arg("budget").arg(operation.budget);
  auto entry = session.call(std::move(add));
  if (!entry) return std::unexpected(entry.error());
  const std::string id(entry->text());

  const auto until = std::chrono::steady_clock::now() + kPatience;
  do {
    // The engine tells first and takes the entry off the stream afterwards.
    auto waiting = session.call(Command("XRANGE").arg(store::keys::kControl).arg(id).arg(id));
    if (!waiting) return std::unexpected(waiting.error());
    if (waiting->array().empty()) {
      auto answer = answer_since(session, since, operation);
      if (!answer) return std::unexpected(answer.error());
      if (*answer == "kept") return Effect{Effect::Kind::kKept, {}};
      if (*answer == "done" || answer->empty()) return Effect{Effect::Kind::kApplied, {}};
      return Effect{Effect::Kind::kRefused, *answer};
    }
    std::this_thread::sleep_for(Millis{25});
  } while (std::chrono::steady_clock::now() < until);
  return Effect{};
}

std::string actor() {
  const char* user = std::getenv("USER");
  const passwd* entry = user == nullptr ? getpwuid(getuid()) : nullptr;
  std::string who = user != nullptr ? user : entry != nullptr ? entry->pw_name : "unknown";
  char host[256] = {};
  if (gethostname(host, sizeof(host) - 1) == 0) who.append("@").append(host);
  return who;
}

}  // namespace hongyan::cli
