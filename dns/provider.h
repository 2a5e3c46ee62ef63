#pragma once

#include "base/network.h"

#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace hongyan::dns {

// A named provider and how its MX hosts are called. A leading dot: any host below
// (".google.com"); without: exactly that host.
struct ProviderPattern {
  std::string name;
  std::vector<std::string> mx;
};

// Who receives for a domain, told from its most preferred MX hosts, never from the domain's name:
// a company's domain with Google's MX is Google, and behind a filter the filter is who receives.
//
// Thread: immutable after construction.
class ProviderIndex {
 public:
  ProviderIndex() = default;
  explicit ProviderIndex(std::span<const ProviderPattern> patterns);

  // The named provider of one host, the longest matching pattern decides; empty: none.
  std::string_view named(std::string_view host) const;

  // `hosts`: the most preferred ones, lower case. All of one named provider: its name. Else
  // "mx:example.net" when they share a registrable suffix, else "mx-" and a hash of the sorted set.
  std::string of_hosts(std::vector<std::string> hosts) const;

 private:
  std::unordered_map<std::string, std::string> exact_;
  std::unordered_map<std::string, std::string> suffix_;  // without the leading dot
};

// A domain without MX is received by the machine at its addresses: "a:192.0.2.1", the least one.
std::string provider_of_addresses(std::span<const IpAddress> addresses);

// The part of a host name that one owner registers, by rule of thumb: two labels, or three when
// the last two look like a public suffix (com.cn, co.uk). A wrong guess only joins or parts lanes.
std::string_view registrable_part(std::string_view host);

}  // namespace hongyan::dns
