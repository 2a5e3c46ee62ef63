#pragma once

#include "engine/dkim/signer.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hongyan::dkim {

// Which of the domains signs for a From domain, in this order: the domain itself, the nearest above
// it, the first of the same organization (relaxed alignment, RFC 7489 3.1.1), the first at all.
// Empty: there are none. All are lower-case A-labels.
std::string signing_domain(std::span<const std::string> domains, std::string_view from_domain);

// Every identity of that domain.
std::vector<Identity> identities_for(std::span<const Identity> all, std::string_view from_domain);

}  // namespace hongyan::dkim
