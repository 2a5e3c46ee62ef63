#pragma once

#include <array>
#include <string>
#include <string_view>

namespace hongyan {

// HMAC-SHA256 under a key made from a secret for one purpose alone. For many texts: the key is made
// once, and a short text costs half a microsecond (OpenSSL's own HMAC four).
//
// Thread: any number, at once.
class KeyedHash {
 public:
  KeyedHash(std::string_view secret, std::string_view purpose);
  std::string operator()(std::string_view text) const;  // 32 bytes

 private:
  explicit KeyedHash(std::string_view key);

  // The key's block, as RFC 2104 mixes it in before the text and before the hash of that.
  std::array<char, 64> inner_;
  std::array<char, 64> outer_;
};

// The same for one text.
std::string keyed_hash(std::string_view secret, std::string_view purpose, std::string_view text);

}  // namespace hongyan
