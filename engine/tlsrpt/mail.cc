#include "engine/tlsrpt/mail.h"

#include "base/base64.h"
#include "engine/job/canonical.h"
#include "engine/tlsrpt/rua.h"

namespace hongyan::tlsrpt {
namespace {

constexpr std::size_t kMaxJobId = 64;  // docs/job.schema.json
// RFC 8460 5.5: for so long a delivery is tried again.
constexpr std::string_view kTriedFor = "24h";

}  // namespace

std::string job_id(const Reporter& reporter, std::string_view domain) {
  const std::string prefix = "tlsrpt-" + reporter.day + '-';
  if (prefix.size() + domain.size() <= kMaxJobId) return prefix + std::string(domain);
  return prefix + job::sha256_hex(domain).substr(0, 32);
}

Json to_job(const Reporter& reporter, const Postage& postage, const DomainReport& report,
            std::span<const std::string> addresses) {
  const auto text = [](std::string value) { return Json::string(std::move(value)); };
  const std::string submitter(submitter_of(reporter));
  const std::string subject = "Report Domain: " + report.domain + " Submitter: " + submitter +
                              " Report-ID: <" + report_id(reporter, report.domain) + '>';
  Json to = Json::array();
  for (const std::string& address : addresses) to.push(Json::object({{"to", text(address)}}));
  Json files = Json::array();
  files.push(Json::object({{"name", text(file_name(reporter, report.domain))},
                           {"content_type", text("application/tlsrpt+gzip")},
                           {"data", text(encode_base64(pack(reporter, report)))}}));
  return Json::object(
      {{"v", Json::number("1")},
       {"id", text(job_id(reporter, report.domain))},
       {"tenant", text(postage.tenant)},
       {"channel", text(postage.channel)},
       {"report_type", text("tlsrpt")},
       {"from",
        Json::object({{"address", text(reporter.contact)}, {"name", text(reporter.organization)}})},
       {"subject", text(subject)},
       {"headers", Json::object({{"TLS-Report-Domain", text(report.domain)},
                                 {"TLS-Report-Submitter", text(submitter)},
                                 {"TLS-Required", text("No")}})},  // RFC 8689
       {"text",
        text("This is how TLS went on " + reporter.day + " (UTC) when we sent mail to " +
             report.domain + ".\r\nThe report is attached (RFC 8460). It was asked for by " +
             "the record " + record_name(report.domain) + ".\r\n")},
       {"attachments", std::move(files)},
       {"recipients", Json::object({{"list", std::move(to)}})},
       {"expires_after", text(std::string(kTriedFor))}});
}

}  // namespace hongyan::tlsrpt
