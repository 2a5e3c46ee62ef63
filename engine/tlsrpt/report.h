#pragma once

#include "base/json.h"
#include "engine/tlsrpt/tally.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace hongyan::tlsrpt {

struct Failure {
  Session session;
  std::int64_t count = 0;
};

// One policy of a domain and the sessions that were held to it.
struct PolicyReport {
  PolicyType type = PolicyType::kNone;
  std::vector<std::string> lines;  // of the policy; the one that most sessions saw
  std::int64_t succeeded = 0;
  std::int64_t failed = 0;
  std::vector<Failure> failures;  // most first
};

// What is reported to one domain.
struct DomainReport {
  std::string domain;
  std::vector<PolicyReport> policies;
};

struct DayReport {
  std::vector<DomainReport> domains;  // by name
  std::int64_t unlisted = 0;          // sessions that belong to nobody's report any more
};
using Counts = std::map<std::string, std::int64_t, std::less<>>;
// From the fields of a day's hash; fields that are none of ours are passed over.
DayReport read_day(const Counts& fields);

// Who reports, on what day ("2026-11-20").
struct Reporter {
  std::string organization;
  std::string contact;  // an address
  std::string day;
};
// Its domain: who the sender is in names of files and header fields.
std::string_view submitter_of(const Reporter& reporter);
// The same report has the same id, whoever makes it: "2026-11-20.example.com@acme.example".
std::string report_id(const Reporter& reporter, std::string_view domain);
// RFC 8460 4.4.
Json to_json_report(const Reporter& reporter, const DomainReport& report);
// RFC 8460 5.1: "acme.example!example.com!1763596800!1763683199.json.gz".
std::string file_name(const Reporter& reporter, std::string_view domain);

// As it travels: the JSON, gzip.
std::string pack(const Reporter& reporter, const DomainReport& report);

}  // namespace hongyan::tlsrpt
