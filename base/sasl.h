#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace hongyan::sasl {

// What a client says first, before base64. Precondition: no argument holds a byte 0 or 1
// (is_clean).
std::string plain(std::string_view user, std::string_view password);  // RFC 4616
// OAuth2 access tokens. OAUTHBEARER (RFC 7628) names where the client connected; an empty host is
// left out. XOAUTH2 is what Google and Microsoft had before it.
std::string oauthbearer(std::string_view user, std::string_view token, std::string_view host,
                        std::uint16_t port);
std::string xoauth2(std::string_view user, std::string_view token);

// What a client answers, in base64, when a server tells why it refuses a token, so that it goes on
// to refuse the command (RFC 7628 3.2.3).
inline constexpr std::string_view kOauthbearerHeard = "AQ==";
inline constexpr std::string_view kXoauth2Heard = "";

// Nothing that could end a part of a message before its end.
bool is_clean(std::string_view text);

}  // namespace hongyan::sasl
