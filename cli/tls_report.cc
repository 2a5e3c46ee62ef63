#include "base/address.h"
#include "base/text.h"
#include "cli/bill_table.h"
#include "cli/output.h"
#include "cli/session.h"
#include "dns/blocking_lookup.h"
#include "engine/tlsrpt/report.h"
#include "engine/tlsrpt/rua.h"
#include "store/tls_sessions.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>

namespace hongyan::cli {
namespace {

using tlsrpt::DomainReport;

struct Options {
  Common common;
  tlsrpt::Reporter reporter;
  std::string domain;
  std::string out;
  std::vector<std::string> servers;
  bool offline = false;
};

// Where a domain wants its report.
struct Wanted {
  std::vector<std::string> rua;
  std::string unknown;  // why that cannot be said; empty: `rua` holds

  std::string text() const {
    if (!unknown.empty()) return "unknown: " + unknown;
    std::string all;
    for (const std::string& one : rua) all += (all.empty() ? "" : " ") + one;
    return all.empty() ? "nowhere" : all;
  }
};

class Addressees {
 public:
  Addressees(const Options& options, const std::vector<DomainReport>& reports) {
    if (options.offline) {
      why_ = "--offline";
      return;
    }
    dns::Channel::Options asking;
    asking.servers = options.servers;
    auto lookup = dns::BlockingLookup::open(asking);
    if (!lookup) {
      why_ = lookup.error().detail;
      return;
    }
    dns_ = *std::move(lookup);
    std::vector<std::pair<std::string, dns::Type>> questions;
    for (const DomainReport& report : reports)
      questions.emplace_back(tlsrpt::record_name(report.domain), dns::Type::kTxt);
    dns_->ask_all(questions);
  }

  Wanted of(const std::string& domain) {
    if (!dns_) return {{}, why_};
    const auto answer = dns_->ask(tlsrpt::record_name(domain), dns::Type::kTxt);
    if (!answer) return {{}, answer.error().detail};
    if (answer->rcode != dns::Rcode::kNoError && answer->rcode != dns::Rcode::kNxDomain)
      return {{}, "the name servers failed"};
    return {tlsrpt::find_rua(answer->texts), ""};
  }

 private:
  std::unique_ptr<dns::BlockingLookup> dns_;
  std::string why_;
};

// "3 certificate-expired, 1 tlsa-invalid"
std::string summary_of(const tlsrpt::PolicyReport& policy) {
  std::map<std::string_view, std::int64_t> sums;
  for (const auto& failure : policy.failures) sums[failure.session.result] += failure.count;
  std::vector<std::pair<std::int64_t, std::string_view>> order;
  for (const auto& [result, count] : sums) order.emplace_back(-count, result);
  std::ranges::sort(order);
  std::string text;
  for (const auto& [count, result] : order)
    text += (text.empty() ? "" : ", ") + with_commas(-count) + ' ' + std::string(result);
  return text;
}

void print_table(const Options& options, const tlsrpt::DayReport& day, Addressees& addressees) {
  RowWriter rows(std::cout, Format::kTable,
                 {{"domain", "DOMAIN"},
                  {"policy", "POLICY"},
                  {"ok", "OK", true},
                  {"failed", "FAILED", true},
                  {"failures", "FAILURES"},
                  {"report_to", "REPORT TO"}});
  for (const DomainReport& report : day.domains)
    for (const tlsrpt::PolicyReport& policy : report.policies)
      rows.row({report.domain, tlsrpt::to_string(policy.type), with_commas(policy.succeeded),
                with_commas(policy.failed), summary_of(policy),
                addressees.of(report.domain).text()});
  rows.end("no sessions on " + options.reporter.day);
  if (day.unlisted > 0)
    std::cout << with_commas(day.unlisted)
              << " sessions more are in no report: there were too many kinds of them\n";
}

void print_reports(const Options& options, const tlsrpt::DayReport& day, Addressees& addressees) {
  for (const DomainReport& report : day.domains) {
    const Wanted wanted = addressees.of(report.domain);
    Json line = Json::object({{"domain", Json::string(report.domain)}});
    Json rua = Json::array();
    for (const std::string& one : wanted.rua) rua.push(Json::string(one));
    line.set("rua", std::move(rua));
    if (!wanted.unknown.empty()) line.set("rua_unknown", Json::string(wanted.unknown));
    line.set("report", tlsrpt::to_json_report(options.reporter, report));
    print_json(line);
  }
}

int write_reports(const Options& options, const tlsrpt::DayReport& day, Addressees& addressees) {
  std::error_code error;
  std::filesystem::create_directories(options.out, error);
  RowWriter rows(std::cout, Format::kTable, {{"file", "FILE"}, {"report_to", "REPORT TO"}});
  for (const DomainReport& report : day.domains) {
    const auto path =
        std::filesystem::path(options.out) / tlsrpt::file_name(options.reporter, report.domain);
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file << tlsrpt::pack(options.reporter, report);
    file.close();
    if (!file) return refuse(options.common, kFailed, "cannot write " + path.string());
    rows.row({path.string(), addressees.of(report.domain).text()});
  }
  rows.end("no sessions on " + options.reporter.day);
  return kDone;
}

std::string fault_of(Options& options) {
  if (options.reporter.day.empty())
    options.reporter.day = tlsrpt::utc_day(SystemClock().wall() - std::chrono::days(1));
  if (!is_day(options.reporter.day))
    return "'" + options.reporter.day + "' is no day; write 2026-11-30";
  if (!options.domain.empty()) {
    auto domain = parse_domain(options.domain);
    if (!domain) return "--domain: " + domain.error().detail;
    options.domain = *std::move(domain);
  }
  if (options.common.json && !options.out.empty())
    return "--json prints, --out writes: one of them";
  if (!options.common.json && options.out.empty()) return {};
  if (options.reporter.organization.empty() || options.reporter.contact.empty())
    return "a report says who made it: --organization NAME --contact ADDRESS";
  const auto contact = parse_address(options.reporter.contact);
  if (!contact) return "--contact: " + contact.error().detail;
  options.reporter.contact = contact->normalised();
  return {};
}

int tls_report(Options& options) {
  if (const std::string fault = fault_of(options); !fault.empty())
    return refuse(options.common, kUsage, fault);
  auto session = Session::open(options.common);
  if (!session) return report_error(session.error(), options.common);
  store::TlsSessions store((*session)->jobs());
  const auto fields = (*session)->run(store.load(options.reporter.day));
  if (!fields) return report_error(fields.error(), options.common);
  tlsrpt::DayReport day = tlsrpt::read_day(*fields);
  std::erase_if(day.domains, [&](const DomainReport& report) {
    // The store is not to be trusted with names of files.
    return !parse_domain(report.domain) ||
           (!options.domain.empty() && report.domain != options.domain);
  });
  Addressees addressees(options, day.domains);
  if (!options.out.empty()) return write_reports(options, day, addressees);
  if (options.common.json)
    print_reports(options, day, addressees);
  else
    print_table(options, day, addressees);
  return kDone;
}

}  // namespace

void add_tls_report(CLI::App& app, int& exit_code) {
  CLI::App* command =
      app.add_subcommand("tls-report", "How TLS went with receivers on a day (RFC 8460)");
  const auto options = std::make_shared<Options>();
  command->add_option("--day", options->reporter.day, "of UTC, default: yesterday")
      ->type_name("DATE");
  command->add_option("--domain", options->domain, "only what is reported to this domain");
  command->add_option("--out", options->out, "write a file (JSON, gzip) per domain")
      ->type_name("DIR");
  command->add_option("--organization", options->reporter.organization, "who reports");
  command->add_option("--contact", options->reporter.contact, "whom to ask about the report")
      ->type_name("ADDRESS");
  command->add_option("--dns", options->servers, "name server to ask, default: the system's");
  command->add_flag("--offline", options->offline, "do not ask who wants reports");
  add_common(*command, options->common);
  command->footer(
      "With --json or --out reports as receivers read them; they say who made them.\n"
      "Example:\n  hongyan tls-report --out reports --organization Acme --contact "
      "tls@acme.example");
  command->callback([options, &exit_code] { exit_code = tls_report(*options); });
}

}  // namespace hongyan::cli
