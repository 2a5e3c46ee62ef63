#pragma once

#include "base/secret.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hongyan::oauth {

// RFC 7636: what proves that who exchanges a code is who asked for it.
struct Pkce {
  std::string verifier;   // 43 characters
  std::string challenge;  // of it, method S256
};
Pkce make_pkce(std::string_view random_bytes);  // 32 of them

// Names and values as application/x-www-form-urlencoded; empty values are left out.
std::string form(const std::vector<std::pair<std::string_view, std::string_view>>& fields);

// Who we are to a provider.
struct Client {
  std::string id;
  std::string secret;  // empty: a public client
};

// The bodies of the two questions to a token endpoint (RFC 6749 6 and 4.1.3).
Secret refresh_request(const Client& client, std::string_view refresh_token);
struct Code {
  std::string code, verifier, redirect;
};
Secret code_request(const Client& client, const Code& code);

// Where a person signs in (RFC 6749 4.1.1). `endpoint` may have a query of its own.
struct SignIn {
  std::string endpoint, client_id, scope, redirect, address, challenge, state;
};
std::string sign_in_url(const SignIn& sign_in);

}  // namespace hongyan::oauth
