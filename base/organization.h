#pragma once

#include <string>
#include <string_view>

namespace hongyan {

// The domain that its owner registered, by the public suffix list: "news.acme.com.cn" gives
// "acme.com.cn". A domain that is a public suffix itself stays as it is.
// `domain` is lower-case A-labels.
std::string organizational_domain(std::string_view domain);

// Relaxed alignment (RFC 7489 3.1): both belong to one organizational domain.
bool aligns(std::string_view a, std::string_view b);

}  // namespace hongyan
