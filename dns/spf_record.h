#pragma once

#include "base/network.h"

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hongyan::dns {

// Sender Policy Framework, the syntax of records (RFC 7208, sections 4.5, 4.6, 5, 6, 12).

enum class SpfMechanism : unsigned char { kAll, kInclude, kA, kMx, kPtr, kIp4, kIp6, kExists };

struct SpfTerm {
  SpfMechanism kind = SpfMechanism::kAll;
  char qualifier = '+';  // + - ~ ?
  std::string domain;    // domain-spec with its macros; empty: the current domain
  IpAddress address;     // of ip4 and ip6
  int prefix4 = 32;      // of a, mx, ip4
  int prefix6 = 128;     // of a, mx, ip6
  std::string text;      // as written, for people
};

struct SpfRecord {
  std::vector<SpfTerm> terms;
  std::optional<std::string> redirect;
  std::optional<std::string> exp;
};

// Whether a TXT record is one of SPF version 1: "v=spf1" alone or before a blank.
bool is_spf(std::string_view text);

// The error is a sentence that names the term.
std::expected<SpfRecord, std::string> parse_spf(std::string_view text);

// Whether both have their first `bits` in common; false for different families.
bool shares_prefix(const IpAddress& a, const IpAddress& b, int bits);

}  // namespace hongyan::dns
