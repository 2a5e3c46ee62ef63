#pragma once

#include "base/fault.h"
#include "engine/config/fleet.h"

namespace hongyan::config {

// What receivers may hold against the identities of a checked fleet, though it can send: From
// domains that no DKIM key of a channel aligns with (DMARC fails or rests on SPF alone, RFC 7489
// 3.1), and envelope domains that align with no key (each half of the identity is a stranger to
// the other). Channels without keys are silent: nobody claimed that they sign.
Faults alignment_warnings(const Fleet& fleet);

}  // namespace hongyan::config
