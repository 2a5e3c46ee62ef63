#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace hongyan::identity {

inline constexpr std::size_t kMaxToken = 4096;

// AES-256-GCM under a key of `purpose`, in base64url: says nothing to who sees it, and cannot be
// made up or changed. The same for the same text, so that a message repeats byte for byte.
std::string seal(std::string_view secret, std::string_view purpose, std::string_view plain);
// Nothing: not ours, of another purpose, damaged or forged.
std::optional<std::string> unseal(std::string_view secret, std::string_view purpose,
                                  std::string_view token);

}  // namespace hongyan::identity
