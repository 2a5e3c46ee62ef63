#include "engine/dkim/choose.h"

#include "base/organization.h"

#include <limits>

namespace hongyan::dkim {
namespace {

bool is_below(std::string_view domain, std::string_view above) {
  return domain.size() > above.size() && domain.ends_with(above) &&
         domain[domain.size() - above.size() - 1] == '.';
}

// Larger is nearer; 0: not aligned. An ancestor is as near as it is long; a public suffix above
// both makes no relatives.
std::size_t nearness(std::string_view domain, std::string_view from_domain) {
  if (domain == from_domain) return std::numeric_limits<std::size_t>::max();
  if (!aligns(domain, from_domain)) return 0;
  return is_below(from_domain, domain) ? 1 + domain.size() : 1;
}

}  // namespace

std::string signing_domain(std::span<const std::string> domains, std::string_view from_domain) {
  const std::string* best = nullptr;
  std::size_t nearest = 0;
  for (const std::string& domain : domains)
    if (const std::size_t near = nearness(domain, from_domain); best == nullptr || near > nearest) {
      best = &domain;
      nearest = near;
    }
  return best == nullptr ? std::string() : *best;
}

std::vector<Identity> identities_for(std::span<const Identity> all, std::string_view from_domain) {
  std::vector<std::string> domains;
  for (const Identity& one : all) domains.push_back(one.domain);
  const std::string signs = signing_domain(domains, from_domain);
  std::vector<Identity> chosen;
  for (const Identity& one : all)
    if (one.domain == signs) chosen.push_back(one);
  return chosen;
}

}  // namespace hongyan::dkim
