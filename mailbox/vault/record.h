#pragma once

#include "mailbox/vault/key_ring.h"

#include <optional>
#include <string>
#include <string_view>

namespace hongyan::vault {

// Secrets at rest.
//
// A record is text, VERSION.KEYID.SALT.NONCE.SEALED, the last three in base64url. From the master
// key KEYID and the 16 random bytes SALT follow by HKDF-SHA256 a key for AES-256-GCM (with the
// purpose as info) and one for HMAC-SHA256. Version, key id, address and purpose are associated
// data. SEALED ends with 16 bytes of the HMAC over all before it: it holds without knowing whose
// record it is, so that a record that was moved is told from one that was damaged.

inline constexpr std::size_t kMostSecretBytes = std::size_t{16} * 1024;
inline constexpr std::string_view kLoginPurpose = "login";  // a password or authorization code

// What a record belongs to. Both are texts of ours; addresses as Address::normalised().
struct Owner {
  std::string_view address;
  std::string_view purpose = kLoginPurpose;
};

// Under the ring's current key. Precondition: at most kMostSecretBytes.
std::string seal_record(const KeyRing& keys, const Owner& owner, const Secret& secret);

// Errors (scope delivery: they concern one mailbox), whose sentences hold no byte of the secret:
//   vault-malformed    no record: cut off, or something else
//   vault-version      of a later version of Hongyan
//   vault-unknown-key  sealed under a key that is not in the ring
//   vault-altered      not as it was written
//   vault-swapped      as it was written, but for another address or purpose
Result<Secret> open_record(const KeyRing& keys, const Owner& owner, std::string_view record);

// The same secret under the current key; nothing when it is already. Opens the record in any case.
Result<std::optional<std::string>> reseal_record(const KeyRing& keys, const Owner& owner,
                                                 std::string_view record);

}  // namespace hongyan::vault
