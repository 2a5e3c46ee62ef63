#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hongyan::vault {

// base64url without padding, and back: bytes have one text only, or a changed text could stay
// valid.
std::string to_text(std::string_view bytes);
std::optional<std::string> from_text(std::string_view text);

std::string to_hex(std::string_view bytes);

}  // namespace hongyan::vault
