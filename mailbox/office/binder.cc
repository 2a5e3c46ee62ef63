#include "mailbox/office/binder.h"

#include <array>
#include <chrono>

namespace hongyan::mailbox {
namespace {

using async::Task;
using login::Protocol;
using Result = LoginTrial::Result;

constexpr std::string_view kSecretWasRefused =
    "not tried: the secret was refused, and a second refusal could lock the account";

std::string_view result_name(Result result) {
  constexpr std::array<std::string_view, 3> kNames = {"logged-in", "failed", "not-tried"};
  return kNames[static_cast<std::size_t>(result)];
}

Json json_of(const Bilingual& text) {
  return Json::object({{"en", Json::string(text.en)}, {"zh", Json::string(text.zh)}});
}

Json json_of(const login::Verdict& verdict) {
  const login::Conclusion& says = verdict.says;
  Json json = Json::object({{"class", Json::string(says.class_name)},
                            {"rule", Json::string(verdict.rule)},
                            {"cause", json_of(says.cause)},
                            {"todo", json_of(says.todo)},
                            {"who", Json::string(std::string(responsible_name(says.who)))},
                            {"waiting_helps", Json::boolean(!says.waits.empty())}});
  if (!says.waits.empty())
    json.set("wait_seconds",
             Json::number(std::to_string(
                 std::chrono::duration_cast<std::chrono::seconds>(says.waits.front()).count())));
  Json hints = Json::array();
  for (const Bilingual& hint : verdict.hints) hints.push(json_of(hint));
  if (!verdict.hints.empty()) json.set("hints", std::move(hints));
  return json;
}

// What let us in goes first, and nothing of this pair is asked again.
LoginTrial trial_of(Protocol protocol, const Server& server,
                    const std::optional<LoginFailure>& failure) {
  if (!failure) return {protocol, server, Result::kIn, {}};
  return {protocol, server, Result::kFailed, failure->said()};
}

}  // namespace

Json BindReport::json() const {
  Json json = Json::object({{"ok", Json::boolean(fine)}, {"status", Json::string(status)}});
  if (!refusal.empty()) json.set("refusal", Json::string(refusal));
  if (!warning.en.empty()) json.set("warning", json_of(warning));
  Json list = Json::array();
  for (const LoginTrial& trial : trials)
    list.push(
        Json::object({{"protocol", Json::string(std::string(login::protocol_name(trial.protocol)))},
                      {"server", Json::string(trial.server.text())},
                      {"result", Json::string(std::string(result_name(trial.result)))},
                      {"said", Json::string(trial.said)}}));
  json.set("trials", std::move(list));
  if (verdict) json.set("verdict", json_of(*verdict));
  return json;
}

login::Verdict Binder::explain(const LoginFailure& failure, const Provider* provider,
                               bool worked) const {
  return explainer_.explain({provider != nullptr ? std::string_view(provider->id) : "",
                             failure.protocol, failure.stage, failure.code, failure.text, worked});
}

Task<std::optional<LoginFailure>> Binder::try_one(Protocol protocol, Server server,
                                                  const Credentials& with) {
  if (protocol == Protocol::kImap) {
    const bool identify = with.provider != nullptr && with.provider->needs_imap_id;
    auto client =
        co_await logins_.open_imap(server, {with.imap_user, with.auth, with.secret, identify});
    if (!client) co_return client.error();
    // Some let in everybody and refuse the first folder.
    const auto inbox = co_await (*client)->examine("INBOX");
    co_await (*client)->logout();
    if (!inbox) co_return LoginDesk::failure_in(server, inbox.error());
    co_return std::nullopt;
  }
  auto connection = co_await logins_.open_smtp(server, {with.smtp_user, with.auth, with.secret});
  if (!connection) co_return connection.error();
  co_return std::nullopt;
}

Task<std::optional<LoginFailure>> Binder::try_once(Protocol protocol, Server server,
                                                   const Credentials& with, Tried& tried,
                                                   BindReport& report) {
  const auto known = tried.find({protocol, server.text()});
  if (known != tried.end()) co_return known->second;
  auto failure = co_await try_one(protocol, server, with);
  report.trials.push_back(trial_of(protocol, server, failure));
  tried.emplace(std::pair(protocol, server.text()), failure);
  co_return failure;
}

Binder::Next Binder::judge(const LoginFailure& failure, const Credentials& with,
                           BindReport& report) const {
  login::Verdict verdict = explain(failure, with.provider, with.worked);
  const bool refused = verdict.says.refused;
  const bool elsewhere = verdict.says.backup != login::Backup::kNever;
  // The first failure of a pair is the cause, what follows from it is noise; a refused secret tops
  // everything.
  if (!report.verdict || refused) report.verdict = std::move(verdict);
  if (refused) return Next::kStop;
  return elsewhere ? Next::kNextPair : Next::kGoOn;
}

Task<BindReport> Binder::try_logins(Credentials with) {
  BindReport report;
  Tried tried;
  for (const Candidate& candidate : with.candidates) {
    report.verdict.reset();
    const ServerPair& pair = candidate.servers;
    bool failed = false;
    Next next = Next::kGoOn;
    if (pair.imap) {
      const auto failure = co_await try_once(Protocol::kImap, *pair.imap, with, tried, report);
      if (failure) next = judge(*failure, with, report);
      failed = failure.has_value();
    }
    if (next == Next::kStop) {
      report.trials.push_back(
          {Protocol::kSmtp, pair.smtp, Result::kNotTried, std::string(kSecretWasRefused)});
      break;
    }
    if (next == Next::kNextPair) continue;
    const auto failure = co_await try_once(Protocol::kSmtp, pair.smtp, with, tried, report);
    if (failure) next = judge(*failure, with, report);
    if (!failure && !failed) {
      report.fine = true;
      report.servers = pair;
      break;
    }
    if (next != Next::kNextPair) break;
  }
  co_return report;
}

}  // namespace hongyan::mailbox
