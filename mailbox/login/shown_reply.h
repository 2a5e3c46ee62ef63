#pragma once

#include <string>
#include <string_view>

namespace hongyan::login {

// A peer's reply as it may be shown, logged and stored: readable (GBK decoded, blanks joined, at
// most 1 KiB), the secret and whatever looks like Base64 of an AUTH exchange replaced by "[...]".
// Some servers repeat in their refusal what they were told.
std::string shown_reply(std::string_view bytes, std::string_view secret);

}  // namespace hongyan::login
