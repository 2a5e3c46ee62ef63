#include "engine/identity/sealed.h"

#include "base/base64.h"
#include "base/keyed_hash.h"

#include <openssl/evp.h>

#include <memory>

namespace hongyan::identity {
namespace {

constexpr std::size_t kNonce = 12;
constexpr std::size_t kMac = 16;

struct FreeContext {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, FreeContext>;

unsigned char* bytes(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}
const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string key_of(std::string_view secret, std::string_view purpose) {
  return keyed_hash(secret, std::string(purpose) + "-key", {});
}

std::string to_base64url(std::string_view raw) {
  std::string text = encode_base64(raw, Base64Kind::kUrl);
  while (text.ends_with('=')) text.pop_back();
  return text;
}

}  // namespace

std::string seal(std::string_view secret, std::string_view purpose, std::string_view plain) {
  // The nonce comes from what is sealed: two messages have the same one only when they are the
  // same.
  const std::string nonce =
      keyed_hash(secret, std::string(purpose) + "-nonce", plain).substr(0, kNonce);
  const std::string key = key_of(secret, purpose);
  const Context context(EVP_CIPHER_CTX_new());
  std::string sealed(plain.size(), '\0');
  std::string mac(kMac, '\0');
  int size = 0;
  EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, bytes(std::string_view(key)),
                     bytes(std::string_view(nonce)));
  EVP_EncryptUpdate(context.get(), bytes(sealed), &size, bytes(plain),
                    static_cast<int>(plain.size()));
  EVP_EncryptFinal_ex(context.get(), bytes(mac), &size);
  EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, static_cast<int>(kMac), mac.data());
  return to_base64url(nonce + sealed + mac);
}

std::optional<std::string> unseal(std::string_view secret, std::string_view purpose,
                                  std::string_view token) {
  if (token.size() > kMaxToken) return std::nullopt;
  const auto raw = decode_base64(token, Base64Kind::kUrl);
  if (!raw || raw->size() < kNonce + kMac || to_base64url(*raw) != token) return std::nullopt;
  const std::string nonce = raw->substr(0, kNonce);
  const std::string sealed = raw->substr(kNonce, raw->size() - kNonce - kMac);
  std::string mac = raw->substr(raw->size() - kMac);
  const std::string key = key_of(secret, purpose);
  const Context context(EVP_CIPHER_CTX_new());
  std::string plain(sealed.size(), '\0');
  int size = 0;
  EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, bytes(std::string_view(key)),
                     bytes(std::string_view(nonce)));
  EVP_DecryptUpdate(context.get(), bytes(plain), &size, bytes(std::string_view(sealed)),
                    static_cast<int>(sealed.size()));
  EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, static_cast<int>(kMac), mac.data());
  std::string rest(kMac, '\0');
  if (EVP_DecryptFinal_ex(context.get(), bytes(rest), &size) != 1) return std::nullopt;
  return plain;
}

}  // namespace hongyan::identity
