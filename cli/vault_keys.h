#pragma once

#include "cli/session.h"
#include "mailbox/vault/key_ring.h"

#include <expected>
#include <optional>
#include <string>
#include <vector>

namespace hongyan::cli {

// Where a command finds the vault's keys.
struct VaultKeyOptions {
  std::string config;
  std::string key_file;
  std::vector<std::string> previous;
};
void add_key_options(CLI::App& command, VaultKeyOptions& options);

// Nothing: no current key is named anywhere. Otherwise, of an error, the exit code: it is told.
std::expected<std::optional<vault::KeyRing>, int> load_vault_keys(const VaultKeyOptions& options,
                                                                  Session& session,
                                                                  const Common& common);

// Publishes the current key, unless that of another vault is published. Of an error the exit code:
// it is told.
std::expected<void, int> publish_vault_key(const vault::KeyRing& keys, Session& session,
                                           const Common& common);

}  // namespace hongyan::cli
