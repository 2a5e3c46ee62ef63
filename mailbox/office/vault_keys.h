#pragma once

#include "engine/config/local.h"
#include "mailbox/vault/key_ring.h"
#include "store/vault_store.h"

#include <memory>

namespace hongyan::mailbox {

// Where [vault] says the keys are.
vault::KeySources key_sources(const config::Local& local);

// The keys an installation's mailboxes are sealed under; the public one is published. Nothing: none
// is configured. Errors: as vault::load_keys(), "vault-other-key" when the Redis has a vault under
// another key, and those of the store.
async::Task<Result<std::shared_ptr<const vault::KeyRing>>> open_vault(const config::Local& local,
                                                                      store::JobStore& store);

}  // namespace hongyan::mailbox
