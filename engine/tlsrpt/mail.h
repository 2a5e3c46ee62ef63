#pragma once

#include "engine/tlsrpt/report.h"

#include <span>
#include <string>
#include <string_view>

namespace hongyan::tlsrpt {

// By whom and how a report leaves.
struct Postage {
  std::string tenant;
  std::string channel;
};

// "tlsrpt-2026-11-20-example.com"; of a long domain its digest. A report submitted twice is one
// job, so it is sent once.
std::string job_id(const Reporter& reporter, std::string_view domain);

// The document of the job that mails a domain its report (RFC 8460 5.3): from the contact to each
// address, the packed report attached.
Json to_job(const Reporter& reporter, const Postage& postage, const DomainReport& report,
            std::span<const std::string> addresses);

}  // namespace hongyan::tlsrpt
