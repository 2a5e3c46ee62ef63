#include "mailbox/vault/hkdf.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <algorithm>
#include <stdexcept>

namespace hongyan::vault {
namespace {

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

Secret join(std::initializer_list<std::string_view> pieces) {
  std::size_t size = 0;
  for (const std::string_view piece : pieces) size += piece.size();
  Secret whole(size);
  auto at = whole.bytes().begin();
  for (const std::string_view piece : pieces) at = std::ranges::copy(piece, at).out;
  return whole;
}

Secret random_secret(std::size_t size) {
  Secret secret(size);
  if (RAND_priv_bytes(secret.bytes().data(), static_cast<int>(size)) != 1)
    throw std::runtime_error("the system gives no random bytes");
  return secret;
}

Secret hmac_sha256(std::string_view key, std::string_view text) {
  Secret out(kHashSize);
  // HMAC() takes a null key for "as before".
  if (HMAC(EVP_sha256(), key.empty() ? "" : key.data(), static_cast<int>(key.size()), bytes(text),
           text.size(), out.bytes().data(), nullptr) == nullptr)
    throw std::runtime_error("HMAC-SHA256 failed");
  return out;
}

Secret hkdf_extract(std::string_view salt, std::string_view secret) {
  return hmac_sha256(salt,
                     secret);  // an absent salt of zeros and an empty key are the same to HMAC
}

Secret hkdf_expand(const Secret& key, std::string_view info, std::size_t size) {
  Secret out(size);
  Secret block;
  std::size_t done = 0;
  for (char number = 1; done < size; ++number) {
    block = hmac_sha256(key.reveal(),
                        join({block.reveal(), info, std::string_view(&number, 1)}).reveal());
    const std::size_t part = std::min(kHashSize, size - done);
    std::ranges::copy(block.reveal().substr(0, part),
                      out.bytes().begin() + static_cast<std::ptrdiff_t>(done));
    done += part;
  }
  return out;
}

}  // namespace hongyan::vault
