#include "engine/identity/tracking_token.h"

#include "base/text.h"
#include "engine/identity/sealed.h"

#include <charconv>

namespace hongyan::identity {
namespace {

constexpr std::string_view kPurpose = "tracking";
constexpr std::string_view kLetterPurpose = "letter-tracking";

}  // namespace

std::string seal_tracking(std::string_view secret, const Tracking& what) {
  return seal(secret, kPurpose,
              what.job + '\0' + std::to_string(what.chunk) + '\0' + std::to_string(what.index) +
                  '\0' + std::to_string(what.link) + '\0' + what.url);
}

std::optional<Tracking> open_tracking(std::string_view secret, std::string_view token) {
  const auto plain = unseal(secret, kPurpose, token);
  if (!plain) return std::nullopt;
  const auto parts = split(*plain, '\0');
  if (parts.size() != 5) return std::nullopt;
  Tracking what{std::string(parts[0]), 0, 0, 0, std::string(parts[4])};
  std::from_chars(parts[1].data(), parts[1].data() + parts[1].size(), what.chunk);
  std::from_chars(parts[2].data(), parts[2].data() + parts[2].size(), what.index);
  std::from_chars(parts[3].data(), parts[3].data() + parts[3].size(), what.link);
  return what;
}

std::string seal_letter_tracking(std::string_view secret, const LetterTracking& what) {
  return seal(
      secret, kLetterPurpose,
      what.mailbox + '\0' + what.letter + '\0' + std::to_string(what.link) + '\0' + what.url);
}

std::optional<LetterTracking> open_letter_tracking(std::string_view secret,
                                                   std::string_view token) {
  const auto plain = unseal(secret, kLetterPurpose, token);
  if (!plain) return std::nullopt;
  const auto parts = split(*plain, '\0');
  if (parts.size() != 4) return std::nullopt;
  LetterTracking what{std::string(parts[0]), std::string(parts[1]), 0, std::string(parts[3])};
  std::from_chars(parts[2].data(), parts[2].data() + parts[2].size(), what.link);
  return what;
}

}  // namespace hongyan::identity
