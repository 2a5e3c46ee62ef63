#pragma once

#include "engine/config/local.h"
#include "mailbox/vault/key_ring.h"
#include "store/vault_store.h"

#include <memory>
#include <optional>

namespace hongyan::mailbox {

// Where [vault] says the keys are.
vault::KeySources key_sources(const config::Local& local);

// Makes the process fit for secrets, where it will have any: no core dump, no other process of the
// user may look into it, and the key in HONGYAN_VAULT_KEY is taken out of the environment
// (returned; nothing: there was none). For the beginning of a program, while it has one thread: the
// environment is nothing that threads may share. Errors: those of vault::take_key_of_environment().
Result<std::optional<vault::MasterKey>> prepare_for_secrets(const config::Local& local);

// The keys that lie there; `taken`: what prepare_for_secrets() gave. Nothing: no current key is
// named. Errors: as vault::load_keys(), and those of the store.
async::Task<Result<std::optional<vault::KeyRing>>> load_ring(
    store::VaultStore& records, vault::KeySources sources,
    std::optional<vault::MasterKey> taken = std::nullopt);

// Publishes the current key. Errors: "vault-other-key" when the Redis has a vault under another
// key, and those of the store.
async::Task<Result<void>> publish_key(store::VaultStore& records, const vault::KeyRing& keys);

// The keys an installation's mailboxes are sealed under; the public one is published. Nothing: none
// is configured. Errors: those of load_ring() and publish_key().
async::Task<Result<std::shared_ptr<const vault::KeyRing>>> open_vault(
    const config::Local& local, store::JobStore& store, std::optional<vault::MasterKey> taken);

}  // namespace hongyan::mailbox
