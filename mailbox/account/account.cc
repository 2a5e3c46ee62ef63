#include "mailbox/account/account.h"

#include "base/text.h"

#include <array>
#include <charconv>
#include <utility>

namespace hongyan::mailbox {

std::string_view text_of(const Fields& fields, std::string_view name) {
  const auto at = fields.find(name);
  return at == fields.end() ? std::string_view() : at->second;
}

namespace {

constexpr Millis kSyncInterval = std::chrono::minutes(4);
constexpr std::array<std::string_view, 5> kStatuses = {"normal", "needs-code", "needs-attention",
                                                       "stopped", "unbound"};

template <class Number>
Number number_of(const Fields& fields, std::string_view name, Number otherwise) {
  const std::string_view text = text_of(fields, name);
  Number number = otherwise;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

WallTime time_of(const Fields& fields, std::string_view name) {
  return from_unix_ms(number_of<std::int64_t>(fields, name, 0));
}

Status status_of(std::string_view text) {
  for (std::size_t i = 0; i < kStatuses.size(); ++i)
    if (kStatuses[i] == text) return static_cast<Status>(i);
  return Status::kUnbound;
}

}  // namespace

std::string_view status_name(Status status) {
  return kStatuses[static_cast<std::size_t>(status)];
}

std::string_view auth_name(Auth auth) {
  return auth == Auth::kXoauth2 ? "xoauth2" : "password";
}

Account read_account(std::string address, const Fields& fields) {
  Account account;
  account.address = std::move(address);
  const auto text = [&](std::string_view name) { return std::string(text_of(fields, name)); };
  account.tenant = text("tenant");
  account.provider = text("provider");
  account.label = text("label");
  account.status = status_of(text_of(fields, "status"));
  account.reason = text("reason");
  account.servers.imap = parse_server(text_of(fields, "imap"));
  if (auto smtp = parse_server(text_of(fields, "smtp"))) account.servers.smtp = *std::move(smtp);
  account.imap_user = text("imap_user");
  account.smtp_user = text("smtp_user");
  account.auth = text_of(fields, "auth") == "xoauth2" ? Auth::kXoauth2 : Auth::kPassword;
  account.oauth2_at = text("oauth2_at");
  account.secret = text("secret");
  if (!text_of(fields, "expires_at").empty()) account.expires_at = time_of(fields, "expires_at");
  account.bound_at = time_of(fields, "bound_at");
  account.last_sent = time_of(fields, "last_sent");
  account.not_before = time_of(fields, "not_before");
  account.learnt = {number_of<std::int64_t>(fields, "learnt_cap", 0), time_of(fields, "learnt_at"),
                    number_of<double>(fields, "slowdown", 1), time_of(fields, "slowed_at")};
  account.answers = number_of<std::int64_t>(fields, "answers", 0);
  account.bad = number_of<std::int64_t>(fields, "bad", 0);
  account.smtp_strikes = number_of<int>(fields, "smtp_strikes", 0);
  account.imap_strikes = number_of<int>(fields, "imap_strikes", 0);
  account.oauth_strikes = number_of<int>(fields, "oauth_strikes", 0);
  account.expiry_told = number_of<int>(fields, "expiry_told", 0);
  account.sync = text_of(fields, "sync") != "off";
  account.sync_interval =
      Millis(number_of<std::int64_t>(fields, "sync_interval", kSyncInterval.count()));
  account.notify = text("notify");
  account.notes_wait = !text_of(fields, "notes").empty() || !text_of(fields, "notice").empty();
  return account;
}

Fields fields_of(const Account& account) {
  Fields fields{{"tenant", account.tenant},
                {"provider", account.provider},
                {"label", account.label},
                {"status", std::string(status_name(account.status))},
                {"reason", account.reason},
                {"smtp", account.servers.smtp.text()},
                {"imap_user", account.imap_user},
                {"smtp_user", account.smtp_user},
                {"auth", std::string(auth_name(account.auth))},
                {"oauth2_at", account.oauth2_at},
                {"secret", account.secret}};
  if (account.servers.imap) fields.emplace("imap", account.servers.imap->text());
  if (account.expires_at)
    fields.emplace("expires_at", std::to_string(to_unix_ms(*account.expires_at)));
  return fields;
}

LetterRecord read_letter_record(const Fields& fields) {
  const auto text = [&](std::string_view name) { return std::string(text_of(fields, name)); };
  return {text("state"),
          text("to"),
          text("subject"),
          text("reply"),
          text("document"),
          time_of(fields, "at"),
          number_of<int>(fields, "attempts", 0),
          text_of(fields, "tracked") == "1",
          time_of(fields, "opened_at"),
          number_of<std::int64_t>(fields, "clicks", 0)};
}

std::string account_key(std::string_view normalised_address) {
  return ascii_lower(normalised_address);
}

}  // namespace hongyan::mailbox
