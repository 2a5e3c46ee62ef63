#include "mailbox/catalogue/recognise.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

namespace hongyan::mailbox {
namespace {

constexpr std::size_t kMostPairs = 4;  // of the SRV records; a zone may have hundreds

constexpr std::array<std::string_view, 4> kServices = {"_imaps._tcp.", "_imap._tcp.",
                                                       "_submissions._tcp.", "_submission._tcp."};

// Implicit TLS first (RFC 8314 3.3), then as RFC 2782 orders them; of equal ones the weightiest,
// where the RFC draws lots: a user who binds again shall see the same.
std::vector<Server> servers_of(std::vector<dns::SrvRecord> implicit,
                               std::vector<dns::SrvRecord> starttls) {
  std::vector<Server> servers;
  for (auto* records : {&implicit, &starttls}) {
    std::ranges::sort(*records, {}, [](const dns::SrvRecord& one) {
      return std::pair(one.priority, -static_cast<int>(one.weight));
    });
    for (const dns::SrvRecord& one : *records)
      if (!one.target.empty() && one.port != 0)
        servers.push_back(
            {one.target, one.port, records == &implicit ? Tls::kImplicit : Tls::kStartTls});
  }
  return servers;
}

bool is_below(std::string_view host, std::string_view domain) {
  return host == domain || (host.size() > domain.size() && host.ends_with(domain) &&
                            host[host.size() - domain.size() - 1] == '.');
}

Server for_domain(Server server, const std::string& domain) {
  constexpr std::string_view kDomain = "{domain}";
  if (const auto at = server.host.find(kDomain); at != std::string::npos)
    server.host.replace(at, kDomain.size(), domain);
  return server;
}

void add_pairs(const Provider& provider, const std::string& domain, Origin origin,
               std::vector<Candidate>& candidates) {
  for (const ServerPair& pair : provider.servers) {
    ServerPair servers{std::nullopt, for_domain(pair.smtp, domain)};
    if (pair.imap) servers.imap = for_domain(*pair.imap, domain);
    const bool known = std::ranges::any_of(
        candidates, [&](const Candidate& one) { return one.servers == servers; });
    if (!known) candidates.push_back({std::move(servers), origin});
  }
}

void add_srv(const Catalogue& catalogue, const std::string& domain, const MailRecords& records,
             Recognised& found) {
  const auto imap = servers_of(records.imaps, records.imap);
  const auto smtp = servers_of(records.submissions, records.submission);
  if (imap.empty() || smtp.empty()) return;
  const std::size_t count = std::min(kMostPairs, std::max(imap.size(), smtp.size()));
  const auto is_outside = [&](const std::string& host) {
    return !is_below(host, domain) && catalogue.by_server(host) == nullptr;
  };
  for (std::size_t i = 0; i < count; ++i) {
    const Server& in = imap[std::min(i, imap.size() - 1)];
    const Server& out = smtp[std::min(i, smtp.size() - 1)];
    found.candidates.push_back(
        {{in, out}, Origin::kSrv, is_outside(in.host) || is_outside(out.host)});
  }
  found.provider = catalogue.by_server(imap.front().host);
}

const Provider* provider_of(const Catalogue& catalogue, std::vector<dns::MxRecord> mx) {
  std::ranges::sort(mx);
  for (const dns::MxRecord& one : mx)
    if (const Provider* provider = catalogue.by_mx(one.exchange)) return provider;
  return nullptr;
}

void add_guesses(const std::string& domain, std::vector<Candidate>& candidates) {
  for (const auto& [in, out] : {std::pair("imap." + domain, "smtp." + domain),
                                std::pair("mail." + domain, "mail." + domain)})
    for (const auto& [port, tls] : {std::pair<std::uint16_t, Tls>(465, Tls::kImplicit),
                                    std::pair<std::uint16_t, Tls>(587, Tls::kStartTls)})
      candidates.push_back({{Server{in, 993, Tls::kImplicit}, {out, port, tls}}, Origin::kGuess});
}

}  // namespace

std::string_view origin_name(Origin origin) {
  constexpr std::array<std::string_view, 4> kNames = {"catalogue", "srv", "mx", "guess"};
  return kNames.at(static_cast<std::size_t>(origin));
}

std::vector<std::string> srv_names(std::string_view domain) {
  std::vector<std::string> names;
  for (const std::string_view service : kServices)
    names.push_back(std::string(service) + std::string(domain));
  return names;
}

MailRecords ask_records(const std::string& domain, dns::Lookup& dns) {
  MailRecords records;
  const auto names = srv_names(domain);
  const std::array into = {&records.imaps, &records.imap, &records.submissions,
                           &records.submission};
  for (std::size_t i = 0; i < into.size(); ++i)
    if (auto answer = dns.ask(names.at(i), dns::Type::kSrv)) *into.at(i) = std::move(answer->srv);
  if (auto answer = dns.ask(domain, dns::Type::kMx)) records.mx = std::move(answer->mx);
  return records;
}

Recognised recognise(const Catalogue& catalogue, const Address& address,
                     const MailRecords& records) {
  const std::string& domain = address.domain;
  Recognised found;
  if ((found.provider = catalogue.by_domain(domain)) != nullptr) {
    add_pairs(*found.provider, domain, Origin::kCatalogue, found.candidates);
    return found;
  }
  add_srv(catalogue, domain, records, found);
  if (const Provider* provider = provider_of(catalogue, records.mx)) {
    found.provider = provider;
    add_pairs(*provider, domain, Origin::kMx, found.candidates);
  }
  if (found.candidates.empty()) add_guesses(domain, found.candidates);
  return found;
}

std::string user_name(UserName rule, const Address& address) {
  return rule == UserName::kLocalPart ? address.local : address.normalised();
}

}  // namespace hongyan::mailbox
