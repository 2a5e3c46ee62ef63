// What the opening of a connection says about the receiver's TLS, for reports to its domain.
#include "engine/core/lane_desk.h"
#include "engine/core/routing.h"
#include "metrics/catalogue.h"

#include <fmt/format.h>

#include <algorithm>

namespace hongyan::engine {
namespace {

using tlsrpt::PolicyType;

const dns::Dane* dane_of(const dns::Route& route, const std::string& host) {
  const auto at = std::ranges::find(route.hosts, host, &dns::MxHost::name);
  if (at == route.hosts.end() || at->dane.demand == dns::Dane::Demand::kNothing) return nullptr;
  return &at->dane;
}

// As the policy file has it (RFC 8460 4.4).
std::vector<std::string> lines_of(const dns::StsPolicy& policy) {
  std::vector<std::string> lines{"version: STSv1"};
  lines.emplace_back(policy.mode == dns::StsPolicy::Mode::kEnforce ? "mode: enforce"
                                                                   : "mode: testing");
  for (const std::string& mx : policy.mx) lines.push_back("mx: " + mx);
  lines.push_back(fmt::format("max_age: {}", policy.max_age.count()));
  return lines;
}

// As a zone has it.
std::vector<std::string> lines_of(const dns::Dane& dane, std::uint16_t port) {
  std::vector<std::string> lines;
  for (const TlsaRecord& record : dane.records) {
    std::string line = fmt::format("{}. IN TLSA {} {} {} ", dns::tlsa_name(dane.base, port),
                                   record.usage, record.selector, record.matching);
    for (const auto byte : record.data) line += fmt::format("{:02x}", byte);
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace

void LaneDesk::count_tls(const LaneEntry& entry, const OpenedFor& first, const dns::Target& target,
                         const smtp::Connection& connection, const smtp::OpenFailure* failure) {
  const dns::Route& route = *first.route;
  if (first.domain.empty() || route.is_static || route.lenient || entry.source->relay) return;
  // What was tried first says more: in clear nothing can be wrong with TLS.
  const auto& trouble = connection.tls_trouble();
  if (trouble) failure = &*trouble;
  if (failure == nullptr && connection.tls_description().empty()) return;  // TLS was not wanted

  tlsrpt::Session session{first.domain, PolicyType::kNone, "", "", "", "", ""};
  std::vector<std::string> policy;
  if (const dns::Dane* dane = dane_of(route, target.host)) {
    session.policy = PolicyType::kTlsa;
    policy = lines_of(*dane, target.port);
  } else if (route.sts && route.sts->mode != dns::StsPolicy::Mode::kNone) {
    session.policy = PolicyType::kSts;
    policy = lines_of(*route.sts);
  }
  if (failure != nullptr) {
    session.result = tlsrpt::result_of(*failure, session.policy);
    if (session.result.empty()) return;
    session.reason = tlsrpt::reason_of(*failure);
  } else if (session.policy == PolicyType::kSts && !dns::is_sts_host(*route.sts, target.host)) {
    session.result = tlsrpt::result_of_route("sts-no-host");  // testing: enforcing leaves it out
    session.reason = "sts-no-host";
  }
  session.mx = target.host;
  session.source = entry.source->address;
  session.receiver = target.address.to_string();
  const SystemClock clock;
  tally_.add(clock.wall(), tlsrpt::to_field(session));
  if (!policy.empty())
    tally_.add(clock.wall(), tlsrpt::to_field(tlsrpt::PolicyText{session.domain, session.policy,
                                                                 std::move(policy)}));
  sheet_.add(sheet_.counter(metrics::kTlsSessions,
                            {entry.named ? entry.key.provider : "other",
                             session.result.empty() ? std::string("ok") : session.result}));
}

}  // namespace hongyan::engine
