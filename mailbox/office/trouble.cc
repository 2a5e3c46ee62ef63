#include "mailbox/office/trouble.h"

#include <algorithm>

namespace hongyan::mailbox {
namespace {

// The pair behind the one that is used; behind the last the first. Null: there is no other.
const ServerPair* next_pair(const Account& account, const Provider* provider) {
  if (provider == nullptr || provider->servers.size() < 2) return nullptr;
  const auto now = std::ranges::find(provider->servers, account.servers);
  const bool last = now == provider->servers.end() || now + 1 == provider->servers.end();
  return last ? &provider->servers.front() : &*(now + 1);
}

struct Strikes {
  int Account::* count;
  const char* field;
};

Strikes strikes_of(login::Protocol protocol) {
  switch (protocol) {
    case login::Protocol::kSmtp:
      return {&Account::smtp_strikes, "smtp_strikes"};
    case login::Protocol::kImap:
      return {&Account::imap_strikes, "imap_strikes"};
    case login::Protocol::kOAuth:
      break;
  }
  return {&Account::oauth_strikes, "oauth_strikes"};
}

}  // namespace

Status status_after(const login::Conclusion& says) {
  if (says.refused) return Status::kNeedsCode;
  switch (says.reaction) {
    case login::Reaction::kNewSecret:
    case login::Reaction::kRefresh:
      return Status::kNeedsCode;
    case login::Reaction::kStop:
    case login::Reaction::kFix:
      return Status::kNeedsAttention;
    case login::Reaction::kWait:
    case login::Reaction::kRetry:
    case login::Reaction::kSwitch:
    case login::Reaction::kIdentify:
      break;
  }
  return Status::kNormal;
}

Trouble judge_trouble(const Account& account, const LoginFailure& failure,
                      const login::Conclusion& says, const Provider* provider, WallTime now,
                      double pause_scale) {
  const auto [count, field] = strikes_of(failure.protocol);
  const int strikes = account.*count + 1;
  Trouble trouble{{{field, std::to_string(strikes)}}, {}};
  Fields& changes = trouble.changes;
  const bool stops = says.reaction == login::Reaction::kStop;
  // A secret is one for all.
  const int all = account.smtp_strikes + account.imap_strikes + account.oauth_strikes + 1;
  const bool out = says.strikes > 0 && all >= says.strikes;
  const bool elsewhere = says.backup == login::Backup::kAtOnce ||
                         (says.backup == login::Backup::kAfterTwo && strikes >= 2);
  if (stops || out) {
    trouble.status = stops ? Status::kNeedsAttention : Status::kNeedsCode;
    changes["status"] = status_name(*trouble.status);
    changes["reason"] = says.cause.en + " " + says.todo.en;
  } else if (elsewhere && failure.protocol != login::Protocol::kOAuth) {
    for (auto& [name, value] : other_servers(account, provider)) changes[name] = value;
  }
  if (!says.waits.empty()) {
    const auto at = std::min<std::size_t>(static_cast<std::size_t>(strikes), says.waits.size()) - 1;
    const auto wait = std::chrono::duration_cast<Millis>(says.waits[at] * pause_scale);
    changes["not_before"] = std::to_string(to_unix_ms(now + wait));
  }
  return trouble;
}

Fields other_servers(const Account& account, const Provider* provider) {
  const ServerPair* next = next_pair(account, provider);
  if (next == nullptr) return {};
  Fields changes{{"smtp", next->smtp.text()}};
  if (next->imap) changes["imap"] = next->imap->text();
  for (const auto anew : {login::Protocol::kSmtp, login::Protocol::kImap})
    changes[strikes_of(anew).field] = "";
  return changes;
}

Fields forgive(const Account& account, login::Protocol protocol) {
  Fields changes;
  for (const auto [count, field] : {strikes_of(protocol), strikes_of(login::Protocol::kOAuth)})
    if (account.*count > 0) changes.emplace(field, "");
  return changes;
}

Fields forget_strikes() {
  Fields changes;
  for (const auto protocol :
       {login::Protocol::kSmtp, login::Protocol::kImap, login::Protocol::kOAuth})
    changes.emplace(strikes_of(protocol).field, "");
  return changes;
}

}  // namespace hongyan::mailbox
