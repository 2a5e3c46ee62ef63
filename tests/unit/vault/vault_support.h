#pragma once

#include "mailbox/vault/key_ring.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace hongyan::vault::test {

inline std::string unhex(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2)
    bytes += static_cast<char>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16));
  return bytes;
}

// Code of a failed result; what it held otherwise.
template <class T>
std::string code_of(const Result<T>& result) {
  return result ? "no error" : std::string(result.error().code);
}

inline KeyRing ring_of(MasterKey current) {
  return KeyRing{std::move(current)};
}

inline MasterKey key_of(std::string_view base64) {
  auto key = MasterKey::parse(Secret::copy_of(base64));
  EXPECT_TRUE(key);
  return std::move(*key);
}

// The bytes 0 to 31.
inline constexpr std::string_view kCountingKey = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

}  // namespace hongyan::vault::test
