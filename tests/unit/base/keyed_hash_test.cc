#include "base/keyed_hash.h"

#include <gtest/gtest.h>
#include <openssl/hmac.h>

namespace hongyan {
namespace {

// What OpenSSL makes of it (RFC 2104).
std::string hmac(const std::string& key, const std::string& text) {
  std::string out(32, '\0');
  unsigned length = 32;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(),
       reinterpret_cast<unsigned char*>(out.data()), &length);
  return out;
}

TEST(KeyedHash, IsHmacUnderAKeyOfOnePurpose) {
  for (const std::size_t secret_size : {1, 32, 63, 64, 65, 200})
    for (const std::size_t text_size : {0, 1, 55, 56, 64, 1000}) {
      const std::string secret(secret_size, 's');
      const std::string text(text_size, '\xe9');
      EXPECT_EQ(keyed_hash(secret, "purpose", text), hmac(hmac(secret, "purpose"), text))
          << secret_size << ' ' << text_size;
    }
}

TEST(KeyedHash, EachTextOfManyGetsItsOwn) {
  const KeyedHash hash("secret", "purpose");
  const std::string first = hash("one");
  EXPECT_NE(hash("two"), first);
  EXPECT_EQ(hash("one"), first);
  EXPECT_NE(KeyedHash("secret", "another")("one"), first);
  EXPECT_NE(KeyedHash("terces", "purpose")("one"), first);
}

}  // namespace
}  // namespace hongyan
