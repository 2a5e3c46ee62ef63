#pragma once

#include "base/secret.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hongyan::vault {

// By their numbers in HPKE (RFC 9180 7.3). Everything of ours is AES-256-GCM.
enum class Aead : std::uint16_t { kAes128Gcm = 1, kAes256Gcm = 2 };

inline constexpr std::size_t kNonceSize = 12;
inline constexpr std::size_t kTagSize = 16;
std::size_t key_size(Aead aead);

// What is sealed, then the tag. `key` has key_size(), `nonce` kNonceSize bytes.
std::string aead_seal(Aead aead, const Secret& key, std::string_view nonce, std::string_view aad,
                      std::string_view plain);
// Nothing when key, nonce, associated data and text do not belong together.
std::optional<Secret> aead_open(Aead aead, const Secret& key, std::string_view nonce,
                                std::string_view aad, std::string_view sealed);

}  // namespace hongyan::vault
