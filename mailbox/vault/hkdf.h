#pragma once

#include "base/secret.h"

#include <cstddef>
#include <initializer_list>
#include <string_view>

namespace hongyan::vault {

inline constexpr std::size_t kHashSize = 32;

// The pieces behind one another.
Secret join(std::initializer_list<std::string_view> pieces);

Secret random_secret(std::size_t size);

// HMAC-SHA256. (base/keyed_hash.h would leave the key on the heap.)
Secret hmac_sha256(std::string_view key, std::string_view text);

// HKDF with SHA-256, RFC 5869. `size` at most 255 times 32.
Secret hkdf_extract(std::string_view salt, std::string_view secret);
Secret hkdf_expand(const Secret& key, std::string_view info, std::size_t size);

}  // namespace hongyan::vault
