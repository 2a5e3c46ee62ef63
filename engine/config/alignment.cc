#include "engine/config/alignment.h"

#include "base/address.h"
#include "base/organization.h"

#include <algorithm>

namespace hongyan::config {
namespace {

bool any_aligns(const std::vector<DkimKey>& keys, std::string_view domain) {
  return std::ranges::any_of(keys, [&](const DkimKey& key) { return aligns(key.domain, domain); });
}

// Keys have A-labels; a domain as it was written may not.
std::string in_a_labels(const std::string& domain) {
  return parse_domain(domain).value_or(domain);
}

}  // namespace

Faults alignment_warnings(const Fleet& fleet) {
  Faults warnings;
  for (const auto& [name, channel] : fleet.channels) {
    if (channel.dkim.empty()) continue;
    const std::string key = "channel." + name;
    const std::string envelope =
        channel.envelope_sender.substr(channel.envelope_sender.rfind('@') + 1);
    if (!any_aligns(channel.dkim, in_a_labels(envelope)))
      warnings.push_back(
          {key + ".envelope_sender",
           "is of " + envelope + ", with which no DKIM key of the channel aligns",
           "add a key of that organization, or take a sender of a domain that has one"});
    for (const auto& [tenant_name, tenant] : fleet.tenants)
      for (const std::string& from : tenant.from_domains)
        if (!any_aligns(channel.dkim, in_a_labels(from)))
          warnings.push_back({key + ".dkim",
                              "has no key that aligns with " + from + " (tenant." + tenant_name +
                                  "); its messages are signed by " + channel.dkim.front().domain +
                                  ", which DMARC does not count",
                              "hongyan dkim keygen --domain " + from});
  }
  return warnings;
}

}  // namespace hongyan::config
