#pragma once

#include "engine/dkim/signer.h"

#include <span>
#include <string_view>
#include <vector>

namespace hongyan::dkim {

// Who signs for a From domain: every identity of one domain. In this order: the domain itself, the
// nearest above it, the first of the same organization (relaxed alignment, RFC 7489 3.1.1), the
// first at all. `from_domain` is lower-case A-labels.
std::vector<Identity> identities_for(std::span<const Identity> all, std::string_view from_domain);

}  // namespace hongyan::dkim
