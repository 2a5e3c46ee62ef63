#pragma once

#include "mailbox/vault/key_ring.h"

#include <string>
#include <string_view>

namespace hongyan::vault {

// Secrets on their way: anybody who knows the vault's public key can seal one for a mailbox, and
// only the vault can open it. HPKE (RFC 9180) in base mode, DHKEM(X25519, HKDF-SHA256),
// HKDF-SHA256, AES-256-GCM; info kTransportInfo; associated data tenant, NUL, address. The text is
// base64url without padding of the encapsulated key and what is sealed. docs/queue.md shows how to
// make one.

inline constexpr std::string_view kTransportInfo = "hongyan mailbox secret v1";

// As it is published: base64url of its 32 bytes. Error: "vault-public-key".
Result<std::string> parse_public_key(std::string_view text);

struct Mailbox {
  std::string_view tenant;   // empty: of nobody
  std::string_view address;  // as Address::normalised()
};

// Error: "vault-public-key" for 32 bytes that are no key, "vault-too-large".
Result<std::string> seal_secret(std::string_view public_key, const Mailbox& mailbox,
                                const Secret& secret);

// Errors (scope delivery): "vault-malformed", and "vault-refused" when no key of the ring opens it:
// it is for another vault, another tenant or address, or was altered.
Result<Secret> open_secret(const KeyRing& keys, const Mailbox& mailbox, std::string_view text);

}  // namespace hongyan::vault
