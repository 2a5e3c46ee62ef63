#pragma once

#include "dns/lookup.h"
#include "dns/spf.h"
#include "engine/check/finding.h"
#include "engine/check/standing.h"

#include <optional>
#include <string>
#include <vector>

namespace hongyan::check {

// Who sends, as receivers will see it.
struct Egress {
  std::string name;  // of the source
  std::string ehlo;
  std::string relay;  // smart host; empty: sends by itself
  std::optional<IpAddress>
      address;  // none: the system chooses, or behind a translation of addresses
};

struct Identity {
  std::string from_domain;      // of the header, A-labels
  std::string envelope_sender;  // MAIL FROM
  std::string envelope_domain;
  std::vector<Egress> sources;
};

// Each source's address in the SPF record of the envelope domain; the worst of all sources.
Standing check_spf_records(const Identity& identity, dns::Lookup& dns, Findings& findings);

// PTR and its way back, and what the source calls itself.
void check_reverse(const Identity& identity, dns::Lookup& dns, Findings& findings);

// The policy of the From domain and whether SPF or DKIM speaks for it (RFC 7489).
void check_dmarc(const std::string& from, const Voucher& spf, const Voucher& dkim, dns::Lookup& dns,
                 Findings& findings);

// Whether bounces can be delivered, and answers to From. The hosts of the return path's domain, by
// preference.
std::vector<std::string> check_return_path(const Identity& identity, dns::Lookup& dns,
                                           Findings& findings);

// Whether the host of the link that receivers POST to exists. A host that a template makes is left
// alone.
void check_unsubscribe_host(const std::string& url, dns::Lookup& dns, Findings& findings);

// Names that say "one of many machines": with the address in them, or dynamic, pool, dsl ...
bool is_generic_name(std::string_view name, const IpAddress& address);

}  // namespace hongyan::check
