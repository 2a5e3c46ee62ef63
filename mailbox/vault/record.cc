#include "mailbox/vault/record.h"

#include "base/text.h"
#include "mailbox/vault/hkdf.h"
#include "mailbox/vault/text_form.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <stdexcept>

namespace hongyan::vault {
namespace {

constexpr std::string_view kVersion = "1";
constexpr std::size_t kMacSize = 16;
constexpr std::size_t kMostText = 2 * kMostSecretBytes;

struct Parts {
  std::string_view key_id;
  std::string salt;
  std::string nonce;
  std::string sealed;  // with its tag
  std::string mac;
  std::string authenticated;  // what `mac` is over
};

struct RecordKeys {
  Secret sealing;
  Secret mac;
};

// Lengths before the pieces: no two lists of pieces give the same text.
std::string listed(std::initializer_list<std::string_view> pieces) {
  std::string text;
  for (const std::string_view piece : pieces)
    text.append(std::to_string(piece.size())).append(":").append(piece);
  return text;
}

RecordKeys keys_of(const MasterKey& master, std::string_view salt, std::string_view purpose) {
  const Secret key = hkdf_extract(salt, master.bytes().reveal());
  return {hkdf_expand(key, listed({"hongyan vault record seal", purpose}), kMasterKeySize),
          hkdf_expand(key, listed({"hongyan vault record mac"}), kHashSize)};
}

std::string mac_of(const RecordKeys& keys, std::string_view authenticated) {
  return std::string(hmac_sha256(keys.mac.reveal(), authenticated).reveal().substr(0, kMacSize));
}

std::string aad_of(std::string_view key_id, const Owner& owner) {
  return listed({kVersion, key_id, owner.address, owner.purpose});
}

std::unexpected<Error> refuse(std::string_view code, std::string detail) {
  return fail(Scope::kDelivery, code, std::move(detail));
}

bool is_key_id(std::string_view text) {
  return text.size() == kKeyIdSize &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

Result<Parts> parse(std::string_view record) {
  const auto malformed = [] {
    return refuse("vault-malformed", "is no sealed secret, or one that was cut off");
  };
  if (record.size() > kMostText) return malformed();
  const auto words = split(record, '.');
  if (words.size() != 5) return malformed();
  if (words[0] != kVersion) {
    if (words[0].empty() || words[0].size() > 3 ||
        words[0].find_first_not_of("0123456789") != std::string_view::npos)
      return malformed();
    return refuse("vault-version", "is sealed in version " + std::string(words[0]) +
                                       ", which this Hongyan does not know");
  }
  auto salt = from_text(words[2]);
  auto nonce = from_text(words[3]);
  auto rest = from_text(words[4]);
  if (!is_key_id(words[1]) || !salt || salt->size() != kSaltSize || !nonce ||
      nonce->size() != kNonceSize || !rest || rest->size() < kTagSize + kMacSize)
    return malformed();
  Parts parts{words[1], std::move(*salt), std::move(*nonce), {}, {}, {}};
  parts.mac = rest->substr(rest->size() - kMacSize);
  rest->resize(rest->size() - kMacSize);
  parts.sealed = std::move(*rest);
  parts.authenticated = listed({kVersion, parts.key_id, parts.salt, parts.nonce, parts.sealed});
  return parts;
}

}  // namespace

std::string seal_record(const KeyRing& keys, const Owner& owner, const Secret& secret) {
  if (secret.size() > kMostSecretBytes) throw std::runtime_error("a secret too large for a record");
  const MasterKey& master = keys.current;
  const Secret salt = random_secret(kSaltSize);
  const Secret nonce = random_secret(kNonceSize);
  const RecordKeys own = keys_of(master, salt.reveal(), owner.purpose);
  std::string sealed = aead_seal(Aead::kAes256Gcm, own.sealing, nonce.reveal(),
                                 aad_of(master.id(), owner), secret.reveal());
  sealed += mac_of(own, listed({kVersion, master.id(), salt.reveal(), nonce.reveal(), sealed}));
  std::string record(kVersion);
  for (const std::string& word :
       {master.id(), to_text(salt.reveal()), to_text(nonce.reveal()), to_text(sealed)})
    record.append(".").append(word);
  return record;
}

Result<Secret> open_record(const KeyRing& keys, const Owner& owner, std::string_view record) {
  const auto parts = parse(record);
  if (!parts) return std::unexpected(parts.error());
  const MasterKey* const master = keys.find(parts->key_id);
  if (master == nullptr)
    return refuse("vault-unknown-key", "is sealed under the key " + std::string(parts->key_id) +
                                           ", which is not at hand: name its file in "
                                           "vault.previous_key_files");
  const RecordKeys own = keys_of(*master, parts->salt, owner.purpose);
  const std::string mac = mac_of(own, parts->authenticated);
  if (CRYPTO_memcmp(mac.data(), parts->mac.data(), kMacSize) != 0)
    return refuse("vault-altered", "is not as it was sealed: it was altered or damaged");
  auto secret = aead_open(Aead::kAes256Gcm, own.sealing, parts->nonce, aad_of(parts->key_id, owner),
                          parts->sealed);
  if (!secret)
    return refuse("vault-swapped", "was sealed for another address or purpose: somebody moved it");
  return std::move(*secret);
}

Result<std::optional<std::string>> reseal_record(const KeyRing& keys, const Owner& owner,
                                                 std::string_view record) {
  const auto secret = open_record(keys, owner, record);
  if (!secret) return std::unexpected(secret.error());
  const auto words = split(record, '.');
  if (words[1] == keys.current.id()) return std::nullopt;
  return seal_record(keys, owner, *secret);
}

}  // namespace hongyan::vault
