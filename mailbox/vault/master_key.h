#pragma once

#include "base/error.h"
#include "base/secret.h"
#include "mailbox/vault/hpke.h"

#include <string>
#include <string_view>

namespace hongyan::vault {

inline constexpr std::size_t kMasterKeySize = 32;
inline constexpr std::size_t kSaltSize = 16;
inline constexpr std::size_t kKeyIdSize = 16;  // hex digits
inline constexpr std::size_t kShortestPassphrase = 12;
inline constexpr std::string_view kKeyVariable = "HONGYAN_VAULT_KEY";

// What all secrets of mailboxes are sealed under, and the key pair for what comes by the queue.
// Both pairs and ids follow from the 32 bytes, so nothing but these need be kept.
//
// Errors (scope process), whose sentences never hold a byte of the key:
//   vault-key         not 32 bytes in base64, a passphrase that is too short
class MasterKey {
 public:
  static MasterKey generate();
  // 32 bytes in base64; blanks and line ends around them are dropped.
  static Result<MasterKey> parse(const Secret& text);
  // By scrypt (RFC 7914; N = 2^17, r = 8, p = 1: 128 MiB, some 0.4 s). A line end at its end is
  // dropped. `salt` has kSaltSize bytes and is no secret.
  static Result<MasterKey> of_passphrase(const Secret& passphrase, std::string_view salt);

  // Tells keys apart and nothing about them.
  const std::string& id() const { return id_; }
  const KeyPair& pair() const { return pair_; }
  const Secret& bytes() const { return bytes_; }
  Secret text() const;  // for parse()

 private:
  explicit MasterKey(Secret bytes);

  Secret bytes_;
  std::string id_;
  KeyPair pair_;
};

// For people to compare, as ssh shows keys: "SHA256:...".
std::string fingerprint(std::string_view public_key);

}  // namespace hongyan::vault
