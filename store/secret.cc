#include "store/secret.h"

#include "store/keys.h"

#include <openssl/rand.h>

namespace hongyan::store {
namespace {

constexpr std::size_t kSecretBytes = 32;

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

}  // namespace hongyan::store
