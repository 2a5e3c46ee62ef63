#include "engine/identity/unsubscribe_token.h"

#include "base/text.h"
#include "engine/identity/sealed.h"

#include <charconv>

namespace hongyan::identity {
namespace {

constexpr std::string_view kPurpose = "unsubscribe";

}  // namespace

std::string seal_unsubscriber(std::string_view secret, const Unsubscriber& who) {
  return seal(secret, kPurpose,
              who.tenant + '\0' + who.job + '\0' + std::to_string(who.chunk) + '\0' +
                  std::to_string(who.index) + '\0' + who.address);
}

std::optional<Unsubscriber> open_unsubscriber(std::string_view secret, std::string_view token) {
  const auto plain = unseal(secret, kPurpose, token);
  if (!plain) return std::nullopt;
  const auto parts = split(*plain, '\0');
  if (parts.size() != 5) return std::nullopt;
  Unsubscriber who{std::string(parts[0]), std::string(parts[4]), std::string(parts[1]), 0, 0};
  std::from_chars(parts[2].data(), parts[2].data() + parts[2].size(), who.chunk);
  std::from_chars(parts[3].data(), parts[3].data() + parts[3].size(), who.index);
  return who;
}

}  // namespace hongyan::identity
