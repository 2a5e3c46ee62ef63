#pragma once

#include "base/async/task.h"
#include "base/http/client.h"
#include "base/network.h"
#include "dns/sts.h"

#include <cstdint>
#include <string>
#include <vector>

namespace hongyan::dns {

// Fetches the policy file of a domain: GET https://mta-sts.DOMAIN/.well-known/mta-sts.txt with a
// verified certificate, no redirect, at most 64 KiB of text/plain, a minute in all (RFC 8461 3.3).
//
// Owner: Resolver; outlives the tasks of fetch(). Thread: the executor's only.
// Errors, all temporary: "sts-unreachable", "sts-certificate", "sts-answer" (no 200, no text/plain,
//   too long), "sts-policy".
class StsFetcher {
 public:
  // An empty `ca_file`: the roots of the system. Throws when the file cannot be read.
  StsFetcher(const std::string& ca_file, std::uint16_t port);

  async::Task<Result<StsPolicy>> fetch(std::string domain, std::vector<IpAddress> addresses);

 private:
  http::Client client_;
  std::uint16_t port_;
};

}  // namespace hongyan::dns
