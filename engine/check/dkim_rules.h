#pragma once

#include "dns/lookup.h"
#include "engine/check/finding.h"
#include "engine/check/standing.h"

#include <string>
#include <vector>

namespace hongyan::check {

// A key that signs the campaign's messages.
struct SigningKey {
  std::string domain;    // d=
  std::string selector;  // s=
  std::string record;    // of its public half: "v=DKIM1; k=rsa; p=..."
  std::string unread;    // why there is no record
};

// Whether receivers find the public halves: one key that they can verify is enough to pass. `keys`
// are of one domain; none: the channel signs nothing. `relayed`: others may sign on the way.
Standing check_dkim_keys(const std::vector<SigningKey>& keys, bool relayed, dns::Lookup& dns,
                         Findings& findings);

}  // namespace hongyan::check
