#pragma once

#include "cli/session.h"
#include "mailbox/vault/key_ring.h"

namespace hongyan::cli {

// Seals all secrets under the current key, publishes it, and tells what was done. The exit code.
int rotate_vault(const vault::KeyRing& keys, Session& session, const Common& common);

}  // namespace hongyan::cli
