#include "mailbox/vault/master_key.h"

#include "base/base64.h"
#include "base/text.h"
#include "mailbox/vault/hkdf.h"
#include "mailbox/vault/text_form.h"

#include <openssl/evp.h>
#include <openssl/sha.h>

#include <array>
#include <cstdint>
#include <stdexcept>

namespace hongyan::vault {
namespace {

constexpr std::size_t kTextSize = 44;
constexpr std::uint64_t kScryptN = 1 << 17;
constexpr std::uint64_t kScryptR = 8;
constexpr std::uint64_t kScryptP = 1;
constexpr std::uint64_t kScryptMemory = kScryptN * kScryptR * 256;

const unsigned char* raw(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

Secret derived(const Secret& key, std::string_view info, std::size_t size) {
  return hkdf_expand(hkdf_extract({}, key.reveal()), info, size);
}

}  // namespace

MasterKey::MasterKey(Secret bytes)
    : bytes_(std::move(bytes)),
      id_(to_hex(derived(bytes_, "hongyan vault key id", kKeyIdSize / 2).reveal())),
      pair_(derive_key_pair(
          derived(bytes_, "hongyan vault transport key", kMasterKeySize).reveal())) {}

MasterKey MasterKey::generate() {
  return MasterKey(random_secret(kMasterKeySize));
}

// base/base64.h would leave the key on the heap.
Result<MasterKey> MasterKey::parse(const Secret& text) {
  std::string_view shown = text.reveal();
  while (!shown.empty() && std::string_view(" \t\r\n").contains(shown.back()))
    shown.remove_suffix(1);
  shown = trim_blanks(shown);
  Secret key(kMasterKeySize + 1);
  if (shown.size() != kTextSize || shown[kTextSize - 2] == '=' || shown.back() != '=' ||
      EVP_DecodeBlock(key.bytes().data(), raw(shown), static_cast<int>(kTextSize)) !=
          static_cast<int>(key.size()))
    return fail(Scope::kProcess, "vault-key",
                "is no key: 32 bytes in base64 are wanted, as `hongyan vault keygen` or `openssl "
                "rand -base64 32` makes them");
  key.cut(kMasterKeySize);
  return MasterKey(std::move(key));
}

Secret MasterKey::text() const {
  Secret text(kTextSize + 1);
  EVP_EncodeBlock(text.bytes().data(), raw(bytes_.reveal()), static_cast<int>(bytes_.size()));
  text.cut(kTextSize);
  return text;
}

Result<MasterKey> MasterKey::of_passphrase(const Secret& passphrase, std::string_view salt) {
  std::string_view words = passphrase.reveal();
  while (words.ends_with('\n') || words.ends_with('\r')) words.remove_suffix(1);
  if (words.size() < kShortestPassphrase)
    return fail(Scope::kProcess, "vault-key",
                "is too short for a passphrase: at least " + std::to_string(kShortestPassphrase) +
                    " characters are wanted");
  if (salt.size() != kSaltSize)
    return fail(Scope::kProcess, "vault-key", "the vault's salt is damaged");
  Secret key(kMasterKeySize);
  if (EVP_PBE_scrypt(words.data(), words.size(), raw(salt), salt.size(), kScryptN, kScryptR,
                     kScryptP, kScryptMemory, key.bytes().data(), key.size()) != 1)
    throw std::runtime_error("scrypt failed");
  return MasterKey(std::move(key));
}

std::string fingerprint(std::string_view public_key) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(raw(public_key), public_key.size(), digest.data());
  std::string text = encode_base64({reinterpret_cast<const char*>(digest.data()), digest.size()});
  while (text.ends_with('=')) text.pop_back();
  return "SHA256:" + text;
}

}  // namespace hongyan::vault
