#include "base/keyed_hash.h"

#include <openssl/evp.h>

#include <cstring>
#include <memory>

namespace hongyan {
namespace {

struct Free {
  void operator()(EVP_MD* algorithm) const { EVP_MD_free(algorithm); }
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

// Finding the algorithm and making a context are most of the cost of a short hash.
std::string sha256(std::string_view first, std::string_view second) {
  static const std::unique_ptr<EVP_MD, Free> algorithm(EVP_MD_fetch(nullptr, "SHA256", nullptr));
  static thread_local const std::unique_ptr<EVP_MD_CTX, Free> context(EVP_MD_CTX_new());
  std::string out(32, '\0');
  EVP_DigestInit_ex2(context.get(), algorithm.get(), nullptr);
  EVP_DigestUpdate(context.get(), first.data(), first.size());
  EVP_DigestUpdate(context.get(), second.data(), second.size());
  EVP_DigestFinal_ex(context.get(), reinterpret_cast<unsigned char*>(out.data()), nullptr);
  return out;
}

}  // namespace

KeyedHash::KeyedHash(std::string_view key) {
  const std::string folded = key.size() > inner_.size() ? sha256(key, {}) : std::string(key);
  for (std::size_t i = 0; i < inner_.size(); ++i) {
    const char c = i < folded.size() ? folded[i] : '\0';
    inner_[i] = static_cast<char>(c ^ 0x36);
    outer_[i] = static_cast<char>(c ^ 0x5c);
  }
}

KeyedHash::KeyedHash(std::string_view secret, std::string_view purpose)
    : KeyedHash(KeyedHash(secret)(purpose)) {}

std::string KeyedHash::operator()(std::string_view text) const {
  return sha256({outer_.data(), outer_.size()}, sha256({inner_.data(), inner_.size()}, text));
}

std::string keyed_hash(std::string_view secret, std::string_view purpose, std::string_view text) {
  return KeyedHash(secret, purpose)(text);
}

}  // namespace hongyan
