#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hongyan {

// RFC 4648 sections 4 and 5. The one for URLs is written with padding and read without as well.
enum class Base64Kind : unsigned char { kStandard, kUrl };

std::string encode_base64(std::string_view bytes, Base64Kind kind = Base64Kind::kStandard);
// Nothing when it is none, to the last bit.
std::optional<std::string> decode_base64(std::string_view text,
                                         Base64Kind kind = Base64Kind::kStandard);

}  // namespace hongyan
