#pragma once

#include "mailbox/vault/master_key.h"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hongyan::vault {

// The key that seals, and those before it, which only open.
struct KeyRing {
  MasterKey current;
  std::vector<MasterKey> previous{};

  // Nothing: none of ours.
  const MasterKey* find(std::string_view id) const;
};

// Where the keys come from; the environment's is the current one when it is there. One source of
// the current key at most.
struct KeySources {
  std::filesystem::path key_file{};
  std::filesystem::path passphrase_file{};
  std::vector<std::filesystem::path> previous_key_files{};
  std::vector<std::filesystem::path> previous_passphrase_files{};

  bool needs_salt() const { return !passphrase_file.empty() || !previous_passphrase_files.empty(); }
};

// `salt` is that of the vault's public record, and needed for passphrases only. `taken` is what
// take_key_of_environment() gave, where that was long ago: a program of many threads asks it before
// it has them. Nothing: no source has a current key. Errors: as load_key(), and "vault-key-twice"
// when there are two.
Result<std::optional<KeyRing>> load_keys(const KeySources& sources, std::string_view salt,
                                         std::optional<MasterKey> taken = std::nullopt);

}  // namespace hongyan::vault
