#include "mailbox/vault/hpke.h"

#include "mailbox/vault/hkdf.h"

#include <openssl/evp.h>

#include <memory>
#include <stdexcept>

namespace hongyan::vault {
namespace {

struct Free {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
};
using Key = std::unique_ptr<EVP_PKEY, Free>;
using Context = std::unique_ptr<EVP_PKEY_CTX, Free>;

constexpr std::string_view kVersion = "HPKE-v1";
constexpr std::string_view kKemSuite("KEM\x00\x20", 5);  // DHKEM(X25519, HKDF-SHA256)
constexpr std::string_view kModeBase("\0", 1);

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string two_bytes(std::size_t number) {
  return {static_cast<char>(number >> 8), static_cast<char>(number)};
}

std::string suite_of(Aead aead) {
  using namespace std::string_literals;
  return "HPKE\x00\x20\x00\x01"s + two_bytes(static_cast<std::size_t>(aead));
}

Secret labeled_extract(std::string_view suite, std::string_view salt, std::string_view label,
                       std::string_view secret) {
  return hkdf_extract(salt, join({kVersion, suite, label, secret}).reveal());
}

Secret labeled_expand(std::string_view suite, const Secret& key, std::string_view label,
                      std::string_view info, std::size_t size) {
  return hkdf_expand(key, join({two_bytes(size), kVersion, suite, label, info}).reveal(), size);
}

KeyPair with_public_key(Secret private_key) {
  const Key key(EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, nullptr, bytes(private_key.reveal()),
                                             private_key.size()));
  std::string public_key(kPublicKeySize, '\0');
  std::size_t size = public_key.size();
  if (!key || EVP_PKEY_get_raw_public_key(
                  key.get(), reinterpret_cast<unsigned char*>(public_key.data()), &size) != 1)
    throw std::runtime_error("X25519 has no public key");
  return {std::move(private_key), std::move(public_key)};
}

// OpenSSL refuses a result of zeros, which keys of low order give.
std::optional<Secret> exchange(const KeyPair& own, std::string_view public_key) {
  if (public_key.size() != kPublicKeySize) return std::nullopt;
  const Key mine(EVP_PKEY_new_raw_private_key(
      EVP_PKEY_X25519, nullptr, bytes(own.private_key.reveal()), own.private_key.size()));
  const Key theirs(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nullptr, bytes(public_key), public_key.size()));
  const Context context(EVP_PKEY_CTX_new(mine.get(), nullptr));
  Secret shared(kPublicKeySize);
  std::size_t size = shared.size();
  if (!theirs || !context || EVP_PKEY_derive_init(context.get()) != 1 ||
      EVP_PKEY_derive_set_peer(context.get(), theirs.get()) != 1 ||
      EVP_PKEY_derive(context.get(), shared.bytes().data(), &size) != 1)
    return std::nullopt;
  return shared;
}

std::optional<Secret> shared_secret(const KeyPair& own, std::string_view theirs,
                                    std::string_view encapsulated, std::string_view recipient) {
  const auto agreed = exchange(own, theirs);
  if (!agreed) return std::nullopt;
  const Secret key = labeled_extract(kKemSuite, {}, "eae_prk", agreed->reveal());
  return labeled_expand(kKemSuite, key, "shared_secret", join({encapsulated, recipient}).reveal(),
                        kHashSize);
}

}  // namespace

KeyPair generate_key_pair() {
  return with_public_key(random_secret(kPublicKeySize));
}

KeyPair derive_key_pair(std::string_view secret) {
  const Secret key = labeled_extract(kKemSuite, {}, "dkp_prk", secret);
  return with_public_key(labeled_expand(kKemSuite, key, "sk", {}, kPublicKeySize));
}

std::optional<Secret> encapsulate(const KeyPair& ephemeral, std::string_view public_key) {
  return shared_secret(ephemeral, public_key, ephemeral.public_key, public_key);
}

std::optional<Secret> decapsulate(const KeyPair& own, std::string_view encapsulated) {
  return shared_secret(own, encapsulated, encapsulated, own.public_key);
}

MessageKeys key_schedule(Aead aead, const Secret& shared_secret, std::string_view info) {
  const std::string suite = suite_of(aead);
  const Secret psk_id_hash = labeled_extract(suite, {}, "psk_id_hash", {});
  const Secret info_hash = labeled_extract(suite, {}, "info_hash", info);
  const Secret context = join({kModeBase, psk_id_hash.reveal(), info_hash.reveal()});
  const Secret secret = labeled_extract(suite, shared_secret.reveal(), "secret", {});
  return {labeled_expand(suite, secret, "key", context.reveal(), key_size(aead)),
          labeled_expand(suite, secret, "base_nonce", context.reveal(), kNonceSize)};
}

std::optional<std::string> hpke_seal(std::string_view public_key, std::string_view info,
                                     std::string_view aad, std::string_view plain, Aead aead,
                                     const KeyPair& ephemeral) {
  const auto shared = encapsulate(ephemeral, public_key);
  if (!shared) return std::nullopt;
  const MessageKeys keys = key_schedule(aead, *shared, info);
  return ephemeral.public_key + aead_seal(aead, keys.key, keys.nonce.reveal(), aad, plain);
}

std::optional<Secret> hpke_open(const KeyPair& own, std::string_view info, std::string_view aad,
                                std::string_view sealed, Aead aead) {
  if (sealed.size() < kPublicKeySize + kTagSize) return std::nullopt;
  const auto shared = decapsulate(own, sealed.substr(0, kPublicKeySize));
  if (!shared) return std::nullopt;
  const MessageKeys keys = key_schedule(aead, *shared, info);
  return aead_open(aead, keys.key, keys.nonce.reveal(), aad, sealed.substr(kPublicKeySize));
}

}  // namespace hongyan::vault
