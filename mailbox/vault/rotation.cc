#include "mailbox/vault/rotation.h"

namespace hongyan::vault {
namespace {

constexpr int kTries = 3;

Result<void> rotate_one(const KeyRing& keys, const std::string& address, const RecordAccess& access,
                        Rotation& counts) {
  for (int tries = 0; tries < kTries; ++tries) {
    auto before = access.read(address);
    if (!before) return std::unexpected(std::move(before.error()));
    if (before->empty()) {
      ++counts.none;
      return {};
    }
    auto after = reseal_record(keys, {address}, *before);
    if (!after) {
      counts.failed.emplace_back(address, std::move(after.error()));
      return {};
    }
    if (!*after) {
      ++counts.current;
      return {};
    }
    auto swapped = access.swap(address, *before, **after);
    if (!swapped) return std::unexpected(std::move(swapped.error()));
    if (*swapped) {
      ++counts.resealed;
      return {};
    }
  }
  counts.failed.emplace_back(address, Error{Scope::kDelivery, "vault-busy",
                                            "was changed each time it was read; run it again"});
  return {};
}

}  // namespace

Result<Rotation> rotate(const KeyRing& keys, std::span<const std::string> addresses,
                        const RecordAccess& access) {
  Rotation counts;
  for (const std::string& address : addresses)
    if (auto done = rotate_one(keys, address, access, counts); !done)
      return std::unexpected(std::move(done.error()));
  return counts;
}

}  // namespace hongyan::vault
