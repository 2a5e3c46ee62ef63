#pragma once

#include <string>
#include <string_view>

namespace hongyan {

// HMAC-SHA256 of `text` under a key made from `secret` for this purpose alone; 32 bytes.
std::string keyed_hash(std::string_view secret, std::string_view purpose, std::string_view text);

}  // namespace hongyan
