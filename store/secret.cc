#include "store/secret.h"

#include "store/keys.h"

#include <openssl/hmac.h>
#include <openssl/rand.h>

namespace hongyan::store {
namespace {

constexpr std::size_t kSecretBytes = 32;

std::string hmac(std::string_view key, std::string_view text) {
  std::string out(32, '\0');
  unsigned length = 32;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(),
       reinterpret_cast<unsigned char*>(out.data()), &length);
  return out;
}

}  // namespace

async::Task<Result<std::string>> shared_secret(JobStore& store) {
  std::string fresh(kSecretBytes, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(fresh.data()), static_cast<int>(fresh.size())) !=
      1)
    co_return fail(Scope::kProcess, "no-randomness", "the system gives no random bytes");
  auto known = co_await store.call(
      std::move(redis::Command("SET").arg(keys::kSecret).arg(fresh).arg("NX").arg("GET")));
  if (!known) co_return std::unexpected(known.error());
  co_return known->is_nil() ? fresh : std::string(known->text());
}

std::string keyed_hash(std::string_view secret, std::string_view purpose, std::string_view text) {
  return hmac(hmac(secret, purpose), text);
}

}  // namespace hongyan::store
