#pragma once

#include <expected>
#include <string>
#include <string_view>

namespace hongyan::check {

// A DMARC record (RFC 7489 6.3), as far as a sender needs it.
struct DmarcRecord {
  std::string policy;  // none, quarantine, reject
  std::string subdomain_policy;
  bool strict_spf = false;   // aspf=s
  bool strict_dkim = false;  // adkim=s
  bool has_reports = false;  // rua=
};

// "v=DMARC1" first; other TXT records at _dmarc are no DMARC records (6.6.3).
bool is_dmarc(std::string_view text);
// The error is a sentence.
std::expected<DmarcRecord, std::string> parse_dmarc(std::string_view text);

// Whether `domain` stands for `from` (3.1): equal, or of one organization unless strict.
bool is_aligned(std::string_view domain, std::string_view from, bool strict);

}  // namespace hongyan::check
