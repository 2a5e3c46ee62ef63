#include "mailbox/office/access_tokens.h"

#include "base/log.h"
#include "mailbox/vault/record.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace hongyan::mailbox {
namespace {

using namespace std::chrono_literals;
using async::Task;

constexpr auto kBeforeTheEnd = 60s;
// For another engine to store what it was given for the refresh token that we find used up.
constexpr auto kToBeStored = 1s;
constexpr std::uint16_t kHttps = 443;

struct Place {
  std::string host;
  std::uint16_t port = kHttps;
  std::string target = "/";
};

// The configuration has checked that it is an https: URL.
Place place_of(std::string_view url) {
  url.remove_prefix(std::string_view("https://").size());
  Place place;
  const auto slash = std::min(url.find('/'), url.size());
  std::string_view host = url.substr(0, slash);
  if (slash < url.size()) place.target = url.substr(slash);
  if (const auto colon = host.rfind(':'); colon != std::string_view::npos) {
    std::from_chars(host.data() + colon + 1, host.data() + host.size(), place.port);
    host = host.substr(0, colon);
  }
  place.host = host;
  return place;
}

LoginFailure failed(const Place& place, login::Stage stage, std::string code, std::string text,
                    bool answered = false) {
  return {login::Protocol::kOAuth,
          {place.host, place.port, Tls::kImplicit},
          stage,
          std::move(code),
          std::move(text),
          answered,
          true};
}

LoginFailure unasked(const Place& place, const Error& error) {
  if (error.code == "http-certificate")
    return failed(place, login::Stage::kTls, "tls-unverified", error.detail);
  if (error.code == "http-answer")
    return failed(place, login::Stage::kToken, "oauth-answer", error.detail);
  if (error.code == "http-unreachable")
    return failed(place, login::Stage::kConnect, "unreachable", error.detail);
  return failed(place, login::Stage::kLookup, std::string(error.code), error.detail);
}

}  // namespace

AccessTokens::AccessTokens(async::Executor executor, Tools tools)
    : tools_(std::move(tools)),
      records_(tools_.store),
      http_(tools_.config->local.smtp.ca_file, oauth::kMostAnswerBytes),
      asked_(executor) {}

const AccessTokens::Held* AccessTokens::find(const Account& account) const {
  const auto at = held_.find(account.address);
  if (at == held_.end() || at->second.record != account.secret) return nullptr;
  return at->second.ends > std::chrono::steady_clock::now() + kBeforeTheEnd ? &at->second : nullptr;
}

void AccessTokens::refused(const std::string& address, const Secret& token) {
  const auto at = held_.find(address);
  if (at != held_.end() && at->second.token == token) held_.erase(at);
}

// The look into the vault is part of asking: who looks before another has stored the next refresh
// token would ask with the one that is used up.
Task<LoginResult<Secret>> AccessTokens::token_of(Account account) {
  const std::string address = account.address;
  while (asking_.contains(address)) co_await asked_.wait();
  asking_.insert(address);
  auto found = co_await held_or_new(std::move(account));
  asking_.erase(address);
  asked_.notify_all();
  co_return found;
}

Task<LoginResult<Secret>> AccessTokens::held_or_new(Account account) {
  const auto current = co_await records_.secret(account.address);
  if (!current || current->empty())
    co_return std::unexpected(
        failed({}, login::Stage::kLookup, "vault-record",
               current ? "the mailbox is not bound" : current.error().detail));
  account.secret = *current;
  if (const Held* held = find(account)) co_return Secret::copy_of(held->token.reveal());
  auto found = co_await fetch(account);
  if (found || !found.error().answered) co_return found;
  // Another engine, or the user, may have put another there.
  co_await async::sleep_for(kToBeStored);
  const auto now = co_await records_.secret(account.address);
  if (!now || now->empty() || *now == account.secret) co_return found;
  account.secret = *now;
  co_return co_await fetch(std::move(account));
}

Task<LoginResult<Secret>> AccessTokens::fetch(Account account) {
  auto refresh_token = vault::open_record(*tools_.keys, {account.address}, account.secret);
  if (!refresh_token)
    co_return std::unexpected(failed({}, login::Stage::kLookup,
                                     std::string(refresh_token.error().code),
                                     refresh_token.error().detail));
  auto tokens = co_await refresh(account.oauth2_at, *std::move(refresh_token));
  if (!tokens) {
    held_.erase(account.address);
    co_return std::unexpected(tokens.error());
  }
  std::string record = account.secret;
  if (!tokens->refresh.empty()) {
    record = vault::seal_record(*tools_.keys, {account.address}, tokens->refresh);
    const auto swapped = co_await records_.swap(account.address, account.secret, record);
    if (!swapped || !*swapped) {
      record = account.secret;
      log::warning("oauth-token-not-kept",
                   {{"mailbox", account.address},
                    {"why", swapped ? "it has been bound anew" : swapped.error().detail}});
    }
  }
  Secret token = Secret::copy_of(tokens->access.reveal());
  held_[account.address] = {std::move(tokens->access),
                            std::chrono::steady_clock::now() + tokens->lifetime, std::move(record)};
  co_return token;
}

Task<LoginResult<oauth::Tokens>> AccessTokens::refresh(std::string issuer, Secret refresh_token) {
  const std::string_view words = refresh_token.reveal();
  co_return co_await ask(
      std::move(issuer),
      [words](const oauth::Client& client) { return oauth::refresh_request(client, words); },
      {words});
}

Task<LoginResult<oauth::Tokens>> AccessTokens::exchange(std::string issuer, oauth::Code code) {
  co_return co_await ask(
      std::move(issuer),
      [&code](const oauth::Client& client) { return oauth::code_request(client, code); },
      {code.code, code.verifier});
}

Task<LoginResult<oauth::Tokens>> AccessTokens::ask(
    std::string issuer, std::function<Secret(const oauth::Client&)> request,
    std::vector<std::string_view> secrets) {
  const auto& issuers = tools_.config->fleet.oauth2;
  const auto at = issuers.find(issuer);
  if (at == issuers.end() || at->second.client_id.empty())
    co_return std::unexpected(failed({}, login::Stage::kToken, "oauth-no-client",
                                     "[oauth2." + issuer + "] has no client_id"));
  const config::OAuth2& known = at->second;
  const Place place = place_of(known.token_url);
  auto addresses = co_await tools_.resolver.addresses_of(place.host);
  if (!addresses) co_return std::unexpected(unasked(place, addresses.error()));
  const oauth::Client client{known.client_id, known.client_secret.reveal()};
  http::Question question{place.host, place.port, *std::move(addresses), place.target};
  question.body = std::string(request(client).reveal());
  question.content_type = "application/x-www-form-urlencoded";
  auto answer = co_await http_.ask(std::move(question));
  if (!answer) co_return std::unexpected(unasked(place, answer.error()));
  secrets.push_back(client.secret);
  auto tokens = oauth::read_token_answer(answer->status, answer->body, secrets);
  wipe(answer->body);
  if (!tokens)
    co_return std::unexpected(
        failed(place, login::Stage::kToken, tokens.error().code, tokens.error().text, true));
  co_return *std::move(tokens);
}

}  // namespace hongyan::mailbox
