#include "mailbox/catalogue/provider.h"

#include "base/text.h"

#include <array>
#include <charconv>
#include <cstddef>

namespace hongyan::mailbox {
namespace {

template <std::size_t N, class E>
std::string_view word_of(const std::array<std::string_view, N>& words, E value) {
  return words.at(static_cast<std::size_t>(value));
}

}  // namespace

std::string_view tls_name(Tls tls) {
  return tls == Tls::kImplicit ? "implicit" : "starttls";
}

std::string_view secret_kind_name(SecretKind kind) {
  return word_of<7>({"app-password", "auth-code", "client-password", "dedicated-password",
                     "independent-password", "login-password", "oauth2"},
                    kind);
}

std::string_view characters_name(Characters characters) {
  return word_of<4>({"any", "letters", "letters-digits", "letters-hyphens"}, characters);
}

std::string_view kind_name(Kind kind) {
  return kind == Kind::kPersonal ? "personal" : "enterprise";
}

std::string_view oauth2_name(OAuth2 oauth2) {
  return word_of<3>({"no", "possible", "only"}, oauth2);
}

std::string_view user_name_name(UserName rule) {
  return rule == UserName::kAddress ? "address" : "local-part";
}

std::string_view saves_sent_name(SavesSent saves) {
  return word_of<3>({"no", "yes", "unsure"}, saves);
}

std::string_view scope_name(DailyLimit::Scope scope) {
  return scope == DailyLimit::Scope::kAccount ? "account" : "domain";
}

std::string Server::text() const {
  return host + ":" + std::to_string(port) + " " + std::string(tls_name(tls));
}

std::optional<Server> parse_server(std::string_view text) {
  const auto colon = text.find(':');
  const auto blank = text.find(' ');
  if (colon == 0 || colon == std::string_view::npos || blank == std::string_view::npos ||
      blank < colon)
    return std::nullopt;
  const std::string_view port = text.substr(colon + 1, blank - colon - 1);
  const std::string_view tls = text.substr(blank + 1);
  Server server;
  server.host = ascii_lower(text.substr(0, colon));
  const auto [end, wrong] = std::from_chars(port.data(), port.data() + port.size(), server.port);
  if (wrong != std::errc{} || end != port.data() + port.size() || server.port == 0)
    return std::nullopt;
  if (tls == tls_name(Tls::kStartTls))
    server.tls = Tls::kStartTls;
  else if (tls != tls_name(Tls::kImplicit))
    return std::nullopt;
  return server;
}

}  // namespace hongyan::mailbox
