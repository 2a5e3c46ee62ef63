#include "mailbox/oauth/sign_in.h"

#include "base/base64.h"

#include <openssl/evp.h>

#include <array>

namespace hongyan::oauth {
namespace {

std::string unpadded(std::string_view bytes) {
  std::string text = encode_base64(bytes, Base64Kind::kUrl);
  text.resize(text.find_last_not_of('=') + 1);
  return text;
}

// RFC 3986 2.3: everything but unreserved characters. A blank as %20, which forms and URLs both
// take.
void append_escaped(std::string& out, std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kHex[byte >> 4];
    out += kHex[byte & 15];
  }
}

}  // namespace

Pkce make_pkce(std::string_view random_bytes) {
  Pkce made{unpadded(random_bytes), {}};
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_Digest(made.verifier.data(), made.verifier.size(), digest.data(), &size, EVP_sha256(),
             nullptr);
  made.challenge = unpadded({reinterpret_cast<const char*>(digest.data()), size});
  return made;
}

std::string form(const std::vector<std::pair<std::string_view, std::string_view>>& fields) {
  std::string out;
  for (const auto& [name, value] : fields) {
    if (value.empty()) continue;
    if (!out.empty()) out += '&';
    append_escaped(out, name);
    out += '=';
    append_escaped(out, value);
  }
  return out;
}

Secret refresh_request(const Client& client, std::string_view refresh_token) {
  return Secret::take(form({{"grant_type", "refresh_token"},
                            {"refresh_token", refresh_token},
                            {"client_id", client.id},
                            {"client_secret", client.secret}}));
}

Secret code_request(const Client& client, const Code& code) {
  return Secret::take(form({{"grant_type", "authorization_code"},
                            {"code", code.code},
                            {"code_verifier", code.verifier},
                            {"redirect_uri", code.redirect},
                            {"client_id", client.id},
                            {"client_secret", client.secret}}));
}

std::string sign_in_url(const SignIn& sign_in) {
  return sign_in.endpoint + (sign_in.endpoint.contains('?') ? '&' : '?') +
         form({{"response_type", "code"},
               {"client_id", sign_in.client_id},
               {"redirect_uri", sign_in.redirect},
               {"scope", sign_in.scope},
               {"login_hint", sign_in.address},
               {"state", sign_in.state},
               {"code_challenge", sign_in.challenge},
               {"code_challenge_method", "S256"}});
}

}  // namespace hongyan::oauth
