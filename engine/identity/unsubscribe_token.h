#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hongyan::identity {

// What a link in a message knows: enough to unsubscribe when nothing of the job is left.
struct Unsubscriber {
  std::string tenant;
  std::string address;
  std::string job;
  std::uint64_t chunk = 0;
  std::uint32_t index = 0;

  friend bool operator==(const Unsubscriber&, const Unsubscriber&) = default;
};

// Sealed (AES-256-GCM) and in base64url: says nothing to who sees the link, and cannot be made up
// or changed. The same for the same message, so that a message repeats byte for byte.
std::string seal_unsubscriber(std::string_view secret, const Unsubscriber& who);
// Nothing: not ours, damaged or forged.
std::optional<Unsubscriber> open_unsubscriber(std::string_view secret, std::string_view token);

}  // namespace hongyan::identity
