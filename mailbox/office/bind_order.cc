#include "mailbox/office/bind_order.h"

#include "base/json.h"
#include "base/time_text.h"

#include <algorithm>
#include <utility>

namespace hongyan::mailbox {
namespace {

std::unexpected<Error> bad(std::string sentence) {
  return fail(Scope::kJob, "bad-order", std::move(sentence));
}

}  // namespace

Result<Account> read_account_order(const Fields& order, const Address& address) {
  Account account;
  account.address = account_key(address.normalised());
  account.tenant = text_of(order, "tenant");
  if (const std::string_view expires = text_of(order, "expires"); !expires.empty()) {
    const auto day = parse_date(expires);
    if (!day) return bad("`expires` must be a date such as 2027-05-20");
    account.expires_at = WallTime(*day);
  }
  account.auth = text_of(order, "auth") == "xoauth2" ? Auth::kXoauth2 : Auth::kPassword;
  if (account.auth == Auth::kXoauth2) account.oauth2_at = text_of(order, "oauth2_at");
  account.smtp_user = address.normalised();
  return account;
}

Result<std::vector<Candidate>> choose_candidates(const Fields& order, const Recognised& recognised,
                                                 const std::string& domain) {
  const std::string_view imap = text_of(order, "imap"), smtp = text_of(order, "smtp");
  if (!imap.empty() || !smtp.empty()) {
    Candidate given;
    auto out = parse_server(smtp);
    if (!out) return bad("`smtp` must be HOST:PORT implicit, or HOST:PORT starttls");
    given.servers.smtp = *std::move(out);
    if (!imap.empty()) {
      given.servers.imap = parse_server(imap);
      if (!given.servers.imap)
        return bad("`imap` must be HOST:PORT implicit, or HOST:PORT starttls");
    }
    return std::vector{given};
  }
  std::vector<Candidate> inside = recognised.candidates;
  std::erase_if(inside, [](const Candidate& one) { return one.outside; });
  if (!inside.empty()) return inside;
  std::string why = "no servers are known for " + domain;
  if (!recognised.candidates.empty())
    why += "; the DNS alone names " + recognised.candidates.front().servers.smtp.text() +
           ", which could be anybody's: ask the provider";
  return bad(why + "; give them (--imap 'HOST:993 implicit', --smtp 'HOST:465 implicit')");
}

bool grants_code(const Fields& order) {
  return text_of(order, "grant") == "code";
}

Result<oauth::Code> read_code(const Secret& secret) {
  const auto parts = parse_json(secret.reveal());
  if (!parts) return bad("`secret` must be an object with code, verifier and redirect");
  const auto part = [&](std::string_view name) {
    const Json* value = parts->find(name);
    return value == nullptr ? std::string() : value->text();
  };
  oauth::Code code{part("code"), part("verifier"), part("redirect")};
  if (code.code.empty()) return bad("`secret` has no code");
  return code;
}

}  // namespace hongyan::mailbox
