#include "engine/tlsrpt/report.h"

#include "engine/tlsrpt/gzip.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace hongyan::tlsrpt {
namespace {

Json number(std::int64_t value) {
  return Json::number(std::to_string(value));
}

Json strings(const std::vector<std::string>& texts) {
  Json array = Json::array();
  for (const std::string& text : texts) array.push(Json::string(text));
  return array;
}

void set_unless_empty(Json& object, std::string key, const std::string& text) {
  if (!text.empty()) object.set(std::move(key), Json::string(text));
}

// The first second of a day; `day` is one.
std::int64_t start_of(std::string_view day) {
  int year = 0;
  unsigned month = 0, date = 0;
  std::from_chars(day.data(), day.data() + 4, year);
  std::from_chars(day.data() + 5, day.data() + 7, month);
  std::from_chars(day.data() + 8, day.data() + 10, date);
  const std::chrono::sys_days at =
      std::chrono::year{year} / std::chrono::month{month} / std::chrono::day{date};
  return std::chrono::sys_seconds(at).time_since_epoch().count();
}

constexpr std::int64_t kLastSecond = 24 * 3600 - 1;

Json policy_of(const PolicyReport& report, std::string_view domain) {
  Json policy = Json::object();
  policy.set("policy-type", Json::string(std::string(to_string(report.type))));
  if (!report.lines.empty()) policy.set("policy-string", strings(report.lines));
  policy.set("policy-domain", Json::string(std::string(domain)));
  std::vector<std::string> hosts;
  if (report.type == PolicyType::kSts)
    for (const std::string& line : report.lines)
      if (line.starts_with("mx: ")) hosts.push_back(line.substr(4));
  if (!hosts.empty()) policy.set("mx-host", strings(hosts));
  return policy;
}

Json detail_of(const Failure& failure) {
  Json detail = Json::object();
  detail.set("result-type", Json::string(failure.session.result));
  set_unless_empty(detail, "sending-mta-ip", failure.session.source);
  set_unless_empty(detail, "receiving-mx-hostname", failure.session.mx);
  set_unless_empty(detail, "receiving-ip", failure.session.receiver);
  detail.set("failed-session-count", number(failure.count));
  set_unless_empty(detail, "failure-reason-code", failure.session.reason);
  return detail;
}

}  // namespace

DayReport read_day(const Counts& fields) {
  DayReport day;
  std::map<std::string, std::map<PolicyType, PolicyReport>> domains;
  // TLSA records are each host's own, so a domain's are all of them; a domain has one policy file.
  std::map<std::pair<std::string, PolicyType>, std::int64_t> most;
  for (const auto& [field, count] : fields) {
    if (field == kUnlisted) {
      day.unlisted = count;
    } else if (auto text = parse_policy_field(field)) {
      PolicyReport& report = domains[text->domain][text->policy];
      std::int64_t& seen = most[{text->domain, text->policy}];
      if (text->policy == PolicyType::kTlsa) {
        for (std::string& line : text->lines)
          if (std::ranges::find(report.lines, line) == report.lines.end())
            report.lines.push_back(std::move(line));
      } else if (count > seen) {
        seen = count;
        report.lines = std::move(text->lines);
      }
    } else if (auto session = parse_field(field)) {
      PolicyReport& report = domains[session->domain][session->policy];
      (session->result.empty() ? report.succeeded : report.failed) += count;
      if (!session->result.empty()) report.failures.push_back({*std::move(session), count});
    }
  }
  for (auto& [domain, policies] : domains) {
    DomainReport report{domain, {}};
    for (auto& [type, policy] : policies) {
      policy.type = type;
      std::ranges::sort(policy.failures, [](const Failure& a, const Failure& b) {
        return a.count != b.count ? a.count > b.count : a.session.mx < b.session.mx;
      });
      if (policy.succeeded + policy.failed > 0) report.policies.push_back(std::move(policy));
    }
    if (!report.policies.empty()) day.domains.push_back(std::move(report));
  }
  return day;
}

std::string_view submitter_of(const Reporter& reporter) {
  const std::string_view contact = reporter.contact;
  return contact.substr(contact.rfind('@') + 1);
}

std::string report_id(const Reporter& reporter, std::string_view domain) {
  return reporter.day + '.' + std::string(domain) + '@' + std::string(submitter_of(reporter));
}

Json to_json_report(const Reporter& reporter, const DomainReport& report) {
  Json policies = Json::array();
  for (const PolicyReport& policy : report.policies) {
    Json entry = Json::object();
    entry.set("policy", policy_of(policy, report.domain));
    entry.set("summary", Json::object({{"total-successful-session-count", number(policy.succeeded)},
                                       {"total-failure-session-count", number(policy.failed)}}));
    if (!policy.failures.empty()) {
      Json details = Json::array();
      for (const Failure& failure : policy.failures) details.push(detail_of(failure));
      entry.set("failure-details", std::move(details));
    }
    policies.push(std::move(entry));
  }
  return Json::object(
      {{"organization-name", Json::string(reporter.organization)},
       {"date-range", Json::object({{"start-datetime", Json::string(reporter.day + "T00:00:00Z")},
                                    {"end-datetime", Json::string(reporter.day + "T23:59:59Z")}})},
       {"contact-info", Json::string(reporter.contact)},
       {"report-id", Json::string(report_id(reporter, report.domain))},
       {"policies", std::move(policies)}});
}

std::string file_name(const Reporter& reporter, std::string_view domain) {
  const std::int64_t start = start_of(reporter.day);
  return std::string(submitter_of(reporter)) + '!' + std::string(domain) + '!' +
         std::to_string(start) + '!' + std::to_string(start + kLastSecond) + ".json.gz";
}

std::string pack(const Reporter& reporter, const DomainReport& report) {
  return gzip(to_json(to_json_report(reporter, report)));
}

}  // namespace hongyan::tlsrpt
