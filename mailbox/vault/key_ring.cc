#include "mailbox/vault/key_ring.h"

#include "mailbox/vault/key_file.h"

namespace hongyan::vault {
namespace {

Result<MasterKey> load_passphrase(const std::filesystem::path& path, std::string_view salt) {
  const auto words = read_private_file(path);
  if (!words) return std::unexpected(words.error());
  auto key = MasterKey::of_passphrase(*words, salt);
  if (!key) key.error().detail = path.string() + ": " + key.error().detail;
  return key;
}

Result<std::optional<MasterKey>> load_current(const KeySources& sources, std::string_view salt,
                                              std::optional<MasterKey> taken) {
  Result<std::optional<MasterKey>> of_environment = std::move(taken);
  if (!*of_environment) of_environment = take_key_of_environment();
  if (!of_environment) return of_environment;
  const int known = (of_environment->has_value() ? 1 : 0) + (sources.key_file.empty() ? 0 : 1) +
                    (sources.passphrase_file.empty() ? 0 : 1);
  if (known > 1)
    return fail(Scope::kProcess, "vault-key-twice",
                "the vault has two current keys (" + std::string(kKeyVariable) +
                    ", key_file, passphrase_file); keep one and make the other a previous one");
  if (of_environment->has_value()) return of_environment;
  if (known == 0) return std::nullopt;
  auto key = sources.key_file.empty() ? load_passphrase(sources.passphrase_file, salt)
                                      : load_key(sources.key_file);
  if (!key) return std::unexpected(std::move(key.error()));
  return std::move(*key);
}

}  // namespace

const MasterKey* KeyRing::find(std::string_view id) const {
  if (current.id() == id) return &current;
  for (const MasterKey& key : previous)
    if (key.id() == id) return &key;
  return nullptr;
}

Result<std::optional<KeyRing>> load_keys(const KeySources& sources, std::string_view salt,
                                         std::optional<MasterKey> taken) {
  auto loaded = load_current(sources, salt, std::move(taken));
  if (!loaded) return std::unexpected(std::move(loaded.error()));
  std::optional<MasterKey>& current = *loaded;
  if (!current) return std::nullopt;
  KeyRing ring{std::move(*current)};
  const auto add = [&](Result<MasterKey> key) -> Result<void> {
    if (!key) return std::unexpected(std::move(key.error()));
    if (ring.find(key->id()) == nullptr) ring.previous.push_back(std::move(*key));
    return {};
  };
  for (const auto& path : sources.previous_key_files)
    if (auto added = add(load_key(path)); !added) return std::unexpected(added.error());
  for (const auto& path : sources.previous_passphrase_files)
    if (auto added = add(load_passphrase(path, salt)); !added)
      return std::unexpected(added.error());
  return ring;
}

}  // namespace hongyan::vault
