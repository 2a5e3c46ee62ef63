#include "dns/provider.h"

#include "base/text.h"

#include <algorithm>
#include <cstdint>

namespace hongyan::dns {
namespace {

// Second levels under which country registries register.
constexpr std::string_view kSecondLevels[] = {"ac",  "co", "com", "edu", "go", "gob",
                                              "gov", "ne", "net", "nom", "or", "org"};
// Longer names would not be readable as labels of metrics and keys.
constexpr std::size_t kMaxDerived = 64;

std::string hash_name(std::span<const std::string> sorted) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;  // FNV-1a: stable over builds and engines
  for (const std::string& host : sorted)
    for (const char c : host + "\n") {
      hash ^= static_cast<std::uint8_t>(c);
      hash *= 0x100000001b3ULL;
    }
  std::string hex(16, '0');
  for (auto digit = hex.rbegin(); digit != hex.rend(); ++digit, hash >>= 4)
    *digit = "0123456789abcdef"[hash & 15];
  return "mx-" + hex;
}

}  // namespace

ProviderIndex::ProviderIndex(std::span<const ProviderPattern> patterns) {
  for (const ProviderPattern& pattern : patterns)
    for (const std::string& mx : pattern.mx) {
      std::string host = ascii_lower(mx);
      if (host.starts_with('.'))
        suffix_.emplace(host.substr(1), pattern.name);
      else
        exact_.emplace(std::move(host), pattern.name);
    }
}

std::string_view ProviderIndex::named(std::string_view host) const {
  if (const auto at = exact_.find(std::string(host)); at != exact_.end()) return at->second;
  for (auto dot = host.find('.'); dot != std::string_view::npos; dot = host.find('.')) {
    host.remove_prefix(dot + 1);
    if (const auto at = suffix_.find(std::string(host)); at != suffix_.end()) return at->second;
  }
  return {};
}

std::string ProviderIndex::of_hosts(std::vector<std::string> hosts) const {
  if (hosts.empty()) return "mx-none";
  std::ranges::sort(hosts);
  const std::string_view first = named(hosts.front());
  const auto same_name = [&](const std::string& host) { return named(host) == first; };
  if (!first.empty() && std::ranges::all_of(hosts, same_name)) return std::string(first);

  const std::string_view part = registrable_part(hosts.front());
  const auto same_part = [&](const std::string& host) { return registrable_part(host) == part; };
  if (part.size() <= kMaxDerived && std::ranges::all_of(hosts, same_part))
    return "mx:" + std::string(part);
  return hash_name(hosts);
}

std::string provider_of_addresses(std::span<const IpAddress> addresses) {
  if (addresses.empty()) return "a:none";
  return "a:" + std::ranges::min(addresses).to_string();
}

std::string_view registrable_part(std::string_view host) {
  const auto labels = split(host, '.');
  std::size_t keep = 2;
  if (labels.size() > 2 && labels.back().size() == 2 &&
      std::ranges::find(kSecondLevels, labels[labels.size() - 2]) != std::end(kSecondLevels))
    keep = 3;
  if (labels.size() <= keep) return host;
  return host.substr(static_cast<std::size_t>(labels[labels.size() - keep].data() - host.data()));
}

}  // namespace hongyan::dns
