#pragma once

#include "mailbox/vault/aead.h"

#include <optional>
#include <string>
#include <string_view>

// HPKE (RFC 9180) in base mode for one message: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-GCM.
// OpenSSL has it from 3.2 on; Debian 12 has 3.0.
namespace hongyan::vault {

inline constexpr std::size_t kPublicKeySize = 32;

struct KeyPair {
  Secret private_key;
  std::string public_key;  // kPublicKeySize bytes
};

KeyPair generate_key_pair();
KeyPair derive_key_pair(std::string_view secret);  // DeriveKeyPair, 7.1.3

// Encap and Decap (4.1): the shared secret of both ends. Nothing when the other's key is none
// (7.1.4: of low order).
std::optional<Secret> encapsulate(const KeyPair& ephemeral, std::string_view public_key);
std::optional<Secret> decapsulate(const KeyPair& own, std::string_view encapsulated);

struct MessageKeys {
  Secret key;
  Secret nonce;
};
MessageKeys key_schedule(Aead aead, const Secret& shared_secret, std::string_view info);  // 5.1

// The ephemeral public key, then what is sealed. Nothing when `public_key` is none.
std::optional<std::string> hpke_seal(std::string_view public_key, std::string_view info,
                                     std::string_view aad, std::string_view plain,
                                     Aead aead = Aead::kAes256Gcm,
                                     const KeyPair& ephemeral = generate_key_pair());
std::optional<Secret> hpke_open(const KeyPair& own, std::string_view info, std::string_view aad,
                                std::string_view sealed, Aead aead = Aead::kAes256Gcm);

}  // namespace hongyan::vault
