#pragma once

#include "mailbox/vault/master_key.h"

#include <filesystem>
#include <optional>

namespace hongyan::vault {

// A small file that only its owner may read. Errors: "vault-key-file" when it cannot be read,
// "vault-key-mode" when its group or others may; the sentences begin with the path.
Result<Secret> read_private_file(const std::filesystem::path& path);

// Errors: also "vault-key".
Result<MasterKey> load_key(const std::filesystem::path& path);
// Writes mode 0600. Errors: "vault-key-exists", "vault-key-file".
Result<void> save_key(const MasterKey& key, const std::filesystem::path& path);

// The key in HONGYAN_VAULT_KEY, if any. It is overwritten and taken out of the environment, so
// that neither /proc/PID/environ nor a child has it: ask once, while there is one thread.
Result<std::optional<MasterKey>> take_key_of_environment();

}  // namespace hongyan::vault
