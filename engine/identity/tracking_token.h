#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hongyan::identity {

// What a tracked link, or the image that tells an open, knows. Where the link leads is sealed in
// it, so it leads there as long as there is an engine, and nowhere that no template of ours named.
struct Tracking {
  std::string job;
  std::uint64_t chunk = 0;
  std::uint32_t index = 0;
  std::uint32_t link = 0;  // number within the message
  std::string url;         // empty: an open

  friend bool operator==(const Tracking&, const Tracking&) = default;
};

std::string seal_tracking(std::string_view secret, const Tracking& what);
// Nothing: not ours, damaged or forged.
std::optional<Tracking> open_tracking(std::string_view secret, std::string_view token);

// Likewise, of a letter from a bound mailbox.
struct LetterTracking {
  std::string mailbox;  // as store/keys.h has it
  std::string letter;   // id
  std::uint32_t link = 0;
  std::string url;  // empty: an open

  friend bool operator==(const LetterTracking&, const LetterTracking&) = default;
};

std::string seal_letter_tracking(std::string_view secret, const LetterTracking& what);
std::optional<LetterTracking> open_letter_tracking(std::string_view secret, std::string_view token);

}  // namespace hongyan::identity
