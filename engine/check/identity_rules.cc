#include "engine/check/identity_rules.h"

#include "base/address.h"
#include "base/organization.h"
#include "base/text.h"
#include "dns/mx.h"
#include "dns/spf_record.h"
#include "engine/check/dmarc.h"

#include <fmt/format.h>

#include <algorithm>

namespace hongyan::check {
namespace {

std::string shown(const Egress& source) {
  return source.address ? source.name + " (" + source.address->to_string() + ")" : source.name;
}

struct Found {
  std::vector<IpAddress> addresses;
  std::string failure;  // of a question; then more addresses may exist
};

Found addresses_of(const std::string& name, dns::Lookup& dns) {
  Found found;
  for (const dns::Type type : {dns::Type::kA, dns::Type::kAaaa}) {
    const auto answer = dns.ask(name, type);
    if (const std::string failure = failure_of(answer); !failure.empty())
      found.failure = failure;
    else
      std::ranges::copy(answer->addresses, std::back_inserter(found.addresses));
  }
  return found;
}

bool leads_to(const Found& found, const IpAddress& address) {
  return std::ranges::find(found.addresses, address) != found.addresses.end();
}

void not_checked(Findings& findings, std::string_view what, const std::string& why) {
  findings.add("not-checked", std::string(what) + ": " + why);
}

void check_ends(const std::string& record, const std::string& domain, Findings& findings) {
  const auto parsed = dns::parse_spf(record);
  if (!parsed || parsed->redirect) return;
  const bool closed =
      !parsed->terms.empty() && parsed->terms.back().kind == dns::SpfMechanism::kAll &&
      (parsed->terms.back().qualifier == '-' || parsed->terms.back().qualifier == '~');
  const bool everybody = std::ranges::any_of(parsed->terms, [](const dns::SpfTerm& term) {
    return term.qualifier == '+' && (term.kind == dns::SpfMechanism::kAll ||
                                     (term.kind == dns::SpfMechanism::kIp4 && term.prefix4 < 8));
  });
  if (everybody)
    findings.add("spf-everybody", domain + ": " + record);
  else if (!closed)
    findings.add("spf-open", domain + ": " + record);
}

void check_ehlo(const Egress& source, const std::vector<std::string>& names, dns::Lookup& dns,
                Findings& findings) {
  const Found found = addresses_of(source.ehlo, dns);
  if (found.addresses.empty() && !found.failure.empty())
    return not_checked(findings, "EHLO name " + source.ehlo, found.failure);
  if (found.addresses.empty())
    findings.add("ehlo-unknown", shown(source) + " says " + source.ehlo + ", which has no address");
  else if (!leads_to(found, *source.address) && found.failure.empty())
    findings.add("ehlo-elsewhere",
                 shown(source) + " says " + source.ehlo +
                     ", which is another address: " + found.addresses.front().to_string());
  else if (!names.empty() && std::ranges::find(names, ascii_lower(source.ehlo)) == names.end())
    findings.add("ehlo-not-ptr",
                 shown(source) + " says " + source.ehlo + ", its PTR is " + some_of(names, 2));
}

void check_source(const Egress& source, dns::Lookup& dns, Findings& findings) {
  const auto answer = dns.ask(dns::reverse_name(*source.address), dns::Type::kPtr);
  if (const std::string failure = failure_of(answer); !failure.empty()) {
    not_checked(findings, "PTR of " + shown(source), failure);
    return check_ehlo(source, {}, dns, findings);
  }
  if (answer->names.empty()) {
    findings.add("ptr-missing", shown(source) + " has no PTR record");
    return check_ehlo(source, {}, dns, findings);
  }
  std::vector<std::string> good;
  std::string failure;
  // As many as receivers look at (RFC 7208 4.6.4).
  for (std::size_t i = 0; i < std::min<std::size_t>(10, answer->names.size()); ++i) {
    const Found found = addresses_of(answer->names[i], dns);
    if (leads_to(found, *source.address)) good.push_back(ascii_lower(answer->names[i]));
    if (!found.failure.empty()) failure = found.failure;
  }
  if (good.empty() && !failure.empty())
    not_checked(findings, "the name of " + shown(source), failure);
  else if (good.empty())
    findings.add("ptr-not-back", shown(source) + " is called " + some_of(answer->names, 2) +
                                     ", which does not lead back to it");
  else if (is_generic_name(good.front(), *source.address))
    findings.add("ptr-generic", shown(source) + " is called " + good.front());
  check_ehlo(source, good, dns, findings);
}

// The record that holds for `domain`: its own, else that of its organization (RFC 7489 6.6.3).
struct Policy {
  std::string at;  // "_dmarc.acme.example"
  std::vector<std::string> records;
  std::string failure;
};

Policy find_policy(const std::string& domain, dns::Lookup& dns) {
  Policy policy;
  std::vector<std::string> places = {domain};
  if (const std::string whole = organizational_domain(domain); whole != domain)
    places.push_back(whole);
  for (const std::string& place : places) {
    policy.at = "_dmarc." + place;
    const auto answer = dns.ask(policy.at, dns::Type::kTxt);
    policy.failure = failure_of(answer);
    if (!policy.failure.empty()) return policy;
    std::ranges::copy_if(answer->texts, std::back_inserter(policy.records), is_dmarc);
    if (!policy.records.empty()) return policy;
  }
  return policy;
}

// Who vouches, for what finds fault with it.
std::string vouching(const Voucher& spf, const Voucher& dkim) {
  const std::string signs = dkim.domain.empty() ? "nobody signs" : "DKIM signs for " + dkim.domain;
  return "the return path is " + spf.domain + ", " + signs;
}

void check_alignment(const std::string& from, const Voucher& spf, const Voucher& dkim,
                     const DmarcRecord& record, Findings& findings) {
  const bool by_spf = is_aligned(spf.domain, from, record.strict_spf);
  const bool by_dkim = !dkim.domain.empty() && is_aligned(dkim.domain, from, record.strict_dkim);
  const bool strict = record.strict_spf || record.strict_dkim;
  if (!by_spf && !by_dkim) {
    // A relay may sign as anybody.
    if (dkim.domain.empty() && dkim.standing == Standing::kUnknown)
      return not_checked(findings, "DMARC alignment of " + from,
                         "the relay's signatures are not known, " + vouching(spf, dkim));
    return findings.add("dmarc-not-aligned",
                        fmt::format("From is {}; {}{}", from, vouching(spf, dkim),
                                    strict ? "; the record wants equal domains" : ""));
  }
  const Standing best = std::min(by_spf ? spf.standing : Standing::kFails,
                                 by_dkim ? dkim.standing : Standing::kFails);
  if (best == Standing::kFails)
    findings.add("dmarc-fails",
                 fmt::format("nothing that aligns with {} passes; {}", from, vouching(spf, dkim)));
  else if (by_spf != by_dkim)
    findings.add("dmarc-one-leg", fmt::format("only {} aligns with {}; {}", by_spf ? "SPF" : "DKIM",
                                              from, vouching(spf, dkim)));
}

}  // namespace

Standing check_spf_records(const Identity& identity, dns::Lookup& dns, Findings& findings) {
  Standing standing = Standing::kPasses;
  bool record_told = false;
  const auto lower = [&](Standing to) { standing = std::max(standing, to); };
  const std::string& domain = identity.envelope_domain;
  for (const Egress& source : identity.sources) {
    if (!source.address) {
      lower(Standing::kUnknown);
      continue;
    }
    const dns::SpfVerdict verdict =
        dns::check_spf({*source.address, domain, identity.envelope_sender, source.ehlo}, dns);
    if (verdict.result != dns::SpfResult::kPass)
      lower(verdict.result == dns::SpfResult::kTempError ? Standing::kUnknown : Standing::kFails);
    const auto once = [&](std::string_view id, const std::string& what) {
      if (!findings.has(id)) findings.add(id, what);
    };
    switch (verdict.result) {
      case dns::SpfResult::kPass:
        if (!record_told) check_ends(verdict.record, domain, findings);
        record_told = true;
        break;
      case dns::SpfResult::kNone:
        once("spf-missing", domain + " (the return path's domain) has no SPF record");
        break;
      case dns::SpfResult::kPermError:
        once("spf-broken", domain + ": " + verdict.problem);
        break;
      case dns::SpfResult::kTempError:
        not_checked(findings, "SPF of " + domain + " for " + shown(source), verdict.problem);
        break;
      default:
        findings.add(
            "spf-not-pass",
            fmt::format("{}: {} says {}{} ({})", shown(source), domain,
                        spf_result_name(verdict.result),
                        verdict.matched.empty() ? "" : " by " + verdict.matched, verdict.record));
    }
  }
  return standing;
}

void check_reverse(const Identity& identity, dns::Lookup& dns, Findings& findings) {
  for (const Egress& source : identity.sources) {
    if (source.address) {
      check_source(source, dns, findings);
    } else if (!source.relay.empty()) {
      findings.add("source-relay", source.name + " sends through " + source.relay);
    } else {
      findings.add("source-hidden", source.name + ": which address receivers see is not known");
    }
  }
}

void check_dmarc(const std::string& from, const Voucher& spf, const Voucher& dkim, dns::Lookup& dns,
                 Findings& findings) {
  const Policy policy = find_policy(from, dns);
  if (!policy.failure.empty()) return not_checked(findings, policy.at, policy.failure);
  DmarcRecord record;
  if (policy.records.empty()) {
    findings.add("dmarc-missing", "neither " + from + " nor its organization has a DMARC record");
  } else if (policy.records.size() > 1) {
    findings.add("dmarc-broken", fmt::format("{} has {} records; one is allowed", policy.at,
                                             policy.records.size()));
  } else if (const auto parsed = parse_dmarc(policy.records.front()); !parsed) {
    findings.add("dmarc-broken", policy.at + ": " + parsed.error());
  } else {
    record = *parsed;
    const bool inherited = policy.at != "_dmarc." + from && !record.subdomain_policy.empty();
    if ((inherited ? record.subdomain_policy : record.policy) == "none")
      findings.add("dmarc-none", policy.at + (inherited ? " says sp=none" : " says p=none"));
    if (!record.has_reports) findings.add("dmarc-no-reports", policy.at + " names no rua");
  }
  check_alignment(from, spf, dkim, record, findings);
}

std::vector<std::string> check_return_path(const Identity& identity, dns::Lookup& dns,
                                           Findings& findings) {
  const auto hosts_of = [&](const std::string& domain, std::string_view what,
                            std::string_view refusing) {
    std::vector<std::string> hosts;
    const auto answer = dns.ask(domain, dns::Type::kMx);
    if (const std::string failure = failure_of(answer); !failure.empty()) {
      not_checked(findings, "MX of " + domain, failure);
      return hosts;
    }
    const auto plan = dns::plan_mx(*answer, domain);
    if (!plan) {
      findings.add(refusing, fmt::format("{} {}: {}", what, domain, plan.error().detail));
      return hosts;
    }
    std::string failure;
    for (const dns::MxHost& host : plan->hosts) {
      const Found found = addresses_of(host.name, dns);
      if (!found.addresses.empty()) hosts.push_back(host.name);
      if (!found.failure.empty()) failure = found.failure;
    }
    if (hosts.empty() && !failure.empty())
      not_checked(findings, "hosts of " + domain, failure);
    else if (hosts.empty())
      findings.add(refusing, fmt::format("{} {}: no MX host has an address", what, domain));
    return hosts;
  };
  if (identity.from_domain != identity.envelope_domain)
    hosts_of(identity.from_domain, "the From domain", "from-unreachable");
  return hosts_of(identity.envelope_domain, "the return path's domain", "return-path-unreachable");
}

void check_unsubscribe_host(const std::string& url, dns::Lookup& dns, Findings& findings) {
  const std::size_t begin = url.find("://");
  if (begin == std::string::npos) return;
  const std::string_view rest = std::string_view(url).substr(begin + 3);
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
  const auto host = parse_domain(authority.substr(0, authority.find(':')));
  if (!host) return;  // {{ ... }}, an address, or a fault that was told
  const Found found = addresses_of(*host, dns);
  if (!found.addresses.empty()) return;
  if (!found.failure.empty())
    return not_checked(findings, "the unsubscribe link's host " + *host, found.failure);
  findings.add("unsubscribe-unreachable", *host + " has no address; the link is " + url);
}

bool is_generic_name(std::string_view name, const IpAddress& address) {
  for (const std::string_view word : {"dynamic", "dyn.", "dhcp", "pool", "dsl", "broadband",
                                      "dialup", "ppp", "cable", "unassigned", "in-addr"})
    if (name.contains(word)) return true;
  if (!address.is_v4()) return false;
  const auto bytes = address.bytes();
  for (const char separator : {'-', '.', '_'}) {
    std::string forward, backward;
    for (std::size_t i = 0; i < 4; ++i) {
      if (i > 0) forward += separator, backward += separator;
      forward += std::to_string(bytes[i]);
      backward += std::to_string(bytes[3 - i]);
    }
    if (name.contains(forward) || name.contains(backward)) return true;
  }
  return false;
}

}  // namespace hongyan::check
