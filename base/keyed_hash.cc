#include "base/keyed_hash.h"

#include <openssl/hmac.h>

namespace hongyan {
namespace {

std::string hmac(std::string_view key, std::string_view text) {
  std::string out(32, '\0');
  unsigned length = 32;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(),
       reinterpret_cast<unsigned char*>(out.data()), &length);
  return out;
}

}  // namespace

std::string keyed_hash(std::string_view secret, std::string_view purpose, std::string_view text) {
  return hmac(hmac(secret, purpose), text);
}

}  // namespace hongyan
