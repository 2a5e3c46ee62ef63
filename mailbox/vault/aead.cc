#include "mailbox/vault/aead.h"

#include <openssl/evp.h>

#include <memory>
#include <stdexcept>

namespace hongyan::vault {
namespace {

struct Free {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, Free>;

const EVP_CIPHER* cipher_of(Aead aead) {
  return aead == Aead::kAes128Gcm ? EVP_aes_128_gcm() : EVP_aes_256_gcm();
}
unsigned char* bytes(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}
const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
int length(std::string_view text) {
  return static_cast<int>(text.size());
}
// For what fails only for want of memory or by a wrong call: to go on would be to send plain text.
void must(int result) {
  if (result != 1) throw std::runtime_error("AES-GCM failed");
}

}  // namespace

std::size_t key_size(Aead aead) {
  return aead == Aead::kAes128Gcm ? 16 : 32;
}

std::string aead_seal(Aead aead, const Secret& key, std::string_view nonce, std::string_view aad,
                      std::string_view plain) {
  must(key.size() == key_size(aead) && nonce.size() == kNonceSize);
  const Context context(EVP_CIPHER_CTX_new());
  std::string sealed(plain.size() + kTagSize, '\0');
  int size = 0;
  must(EVP_EncryptInit_ex(context.get(), cipher_of(aead), nullptr, bytes(key.reveal()),
                          bytes(nonce)));
  if (!aad.empty()) must(EVP_EncryptUpdate(context.get(), nullptr, &size, bytes(aad), length(aad)));
  if (!plain.empty())
    must(EVP_EncryptUpdate(context.get(), bytes(sealed), &size, bytes(plain), length(plain)));
  unsigned char* const tag = bytes(sealed) + plain.size();
  must(EVP_EncryptFinal_ex(context.get(), tag, &size));
  must(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, kTagSize, tag));
  return sealed;
}

std::optional<Secret> aead_open(Aead aead, const Secret& key, std::string_view nonce,
                                std::string_view aad, std::string_view sealed) {
  must(key.size() == key_size(aead) && nonce.size() == kNonceSize);
  if (sealed.size() < kTagSize) return std::nullopt;
  const std::string_view text = sealed.substr(0, sealed.size() - kTagSize);
  std::string tag(sealed.substr(text.size()));
  const Context context(EVP_CIPHER_CTX_new());
  Secret plain(text.size());
  int size = 0;
  must(EVP_DecryptInit_ex(context.get(), cipher_of(aead), nullptr, bytes(key.reveal()),
                          bytes(nonce)));
  if (!aad.empty()) must(EVP_DecryptUpdate(context.get(), nullptr, &size, bytes(aad), length(aad)));
  if (!text.empty())
    must(EVP_DecryptUpdate(context.get(), plain.bytes().data(), &size, bytes(text), length(text)));
  must(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, kTagSize, tag.data()));
  unsigned char none = 0;
  if (EVP_DecryptFinal_ex(context.get(), &none, &size) != 1) return std::nullopt;
  return plain;
}

}  // namespace hongyan::vault
