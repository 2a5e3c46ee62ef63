#pragma once

#include "dns/lookup.h"
#include "dns/provider.h"
#include "dns/static_routes.h"
#include "engine/check/finding.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hongyan::check {

using DomainCounts = std::vector<std::pair<std::string, std::uint64_t>>;  // most first

// Who receives, and how much of the list.
struct Receiver {
  std::string provider;  // "qq", or "mx:acme.example" where it has no name
  bool named = false;
  std::uint64_t recipients = 0;
  std::uint64_t chinese = 0;  // of them those to whom the law of China applies
};

// As many domains are looked up as a list of companies has in its first rows; the others count as
// receivers of their own.
inline constexpr std::size_t kMaxDomainsAsked = 2000;

// Groups the domains by their MX hosts, as the engine will. Most first. Findings: domains that take
// no mail, the shares, what could not be asked.
std::vector<Receiver> find_receivers(const DomainCounts& domains, const dns::ProviderIndex& index,
                                     const dns::StaticRoutes& routes, dns::Lookup& dns,
                                     Findings& findings);

// Receivers of China, by the names in configs/providers.
bool is_chinese_provider(std::string_view provider);

}  // namespace hongyan::check
