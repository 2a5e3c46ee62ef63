#pragma once

#include "mailbox/vault/record.h"

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace hongyan::vault {

// Where the records are. A failure of either ends the rotation; what was done stays.
struct RecordAccess {
  std::function<Result<std::string>(const std::string& address)> read;  // empty: has none
  // False: it is no longer `before`.
  std::function<Result<bool>(const std::string& address, const std::string& before,
                             const std::string& after)>
      swap;
};

struct Rotation {
  std::size_t resealed = 0;
  std::size_t current = 0;                              // under the current key already
  std::size_t none = 0;                                 // without a secret
  std::vector<std::pair<std::string, Error>> failed{};  // address, why: the record stays as it is
};

// Seals every login secret anew that is not under the ring's current key. Opens the others as well:
// what nobody can open is told before the old key is thrown away. Each record is replaced in one
// step and only if nobody changed it meanwhile, so it may be interrupted, repeated, and run beside
// engines that know both keys.
Result<Rotation> rotate(const KeyRing& keys, std::span<const std::string> addresses,
                        const RecordAccess& access);

}  // namespace hongyan::vault
