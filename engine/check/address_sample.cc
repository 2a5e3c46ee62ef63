#include "engine/check/address_sample.h"

#include <fmt/format.h>

#include <algorithm>

namespace hongyan::check {
namespace {

// A list that was used before and is kept has one address in some hundred; from here on nobody
// took out who bounced or asked to be left alone.
constexpr double kManyPercent = 5.0;

}  // namespace

void AddressSample::add(std::string address) {
  ++seen_;
  if (addresses_.size() < most_) {
    addresses_.push_back(std::move(address));
  } else if (const std::uint64_t at = random_() % seen_; at < most_) {
    addresses_[at] = std::move(address);
  }
}

void check_suppressed(const Suppressed& suppressed, std::uint64_t listed, Findings& findings) {
  if (suppressed.found == 0) return;
  const double percent =
      100.0 * static_cast<double>(suppressed.found) / static_cast<double>(suppressed.asked);
  std::vector<std::pair<std::size_t, std::string>> reasons;
  for (const auto& [reason, count] : suppressed.reasons) reasons.emplace_back(count, reason);
  std::ranges::sort(reasons, std::greater());
  std::vector<std::string> parts;
  for (const auto& [count, reason] : reasons) parts.push_back(fmt::format("{} {}", count, reason));
  const std::string of = suppressed.asked < listed
                             ? fmt::format("{} addresses drawn from {}", suppressed.asked, listed)
                             : fmt::format("{} addresses", suppressed.asked);
  findings.add(
      percent >= kManyPercent ? "list-suppressed-many" : "list-suppressed",
      fmt::format("{} of {} ({:.2f} %): {}", suppressed.found, of, percent, some_of(parts)));
}

}  // namespace hongyan::check
