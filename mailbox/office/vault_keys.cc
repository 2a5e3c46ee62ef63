#include "mailbox/office/vault_keys.h"

#include "base/secret.h"
#include "mailbox/vault/hkdf.h"
#include "mailbox/vault/key_file.h"
#include "mailbox/vault/text_form.h"

#include <cstdlib>
#include <filesystem>

namespace hongyan::mailbox {

vault::KeySources key_sources(const config::Local& local) {
  const config::VaultSettings& named = local.vault;
  const std::filesystem::path folder = local.folder;
  vault::KeySources sources;
  if (!named.key_file.empty()) sources.key_file = folder / named.key_file;
  if (!named.passphrase_file.empty()) sources.passphrase_file = folder / named.passphrase_file;
  for (const std::string& one : named.previous_key_files)
    sources.previous_key_files.push_back(folder / one);
  for (const std::string& one : named.previous_passphrase_files)
    sources.previous_passphrase_files.push_back(folder / one);
  return sources;
}

Result<std::optional<vault::MasterKey>> prepare_for_secrets(const config::Local& local) {
  // Before the key is looked at.
  const bool in_environment = std::getenv(std::string(vault::kKeyVariable).c_str()) != nullptr;
  if (in_environment || !local.vault.key_file.empty() || !local.vault.passphrase_file.empty())
    forbid_core_dumps();
  return vault::take_key_of_environment();
}

async::Task<Result<std::optional<vault::KeyRing>>> load_ring(
    store::VaultStore& records, vault::KeySources sources, std::optional<vault::MasterKey> taken) {
  std::string salt;
  if (sources.needs_salt()) {
    const Secret fresh = vault::random_secret(vault::kSaltSize);
    const auto kept = co_await records.salt(vault::to_text(fresh.reveal()));
    if (!kept) co_return std::unexpected(kept.error());
    salt = vault::from_text(*kept).value_or("");
  }
  co_return vault::load_keys(sources, salt, std::move(taken));
}

async::Task<Result<void>> publish_key(store::VaultStore& records, const vault::KeyRing& keys) {
  std::vector<std::string> known;
  known.reserve(keys.previous.size());
  for (const vault::MasterKey& key : keys.previous) known.push_back(key.id());
  const std::string id = keys.current.id();
  const auto published = co_await records.publish(
      {id, vault::to_text(keys.current.pair().public_key)}, std::move(known));
  if (!published) co_return std::unexpected(published.error());
  if (published->key_id != id)
    co_return fail(Scope::kProcess, "vault-other-key",
                   "this Redis has a vault under the key " + published->key_id +
                       ", and the key at hand is " + id +
                       ": name the older one in vault.previous_key_files (or --previous-key-file)");
  co_return Result<void>();
}

async::Task<Result<std::shared_ptr<const vault::KeyRing>>> open_vault(
    const config::Local& local, store::JobStore& store, std::optional<vault::MasterKey> taken) {
  store::VaultStore records(store);
  auto keys = co_await load_ring(records, key_sources(local), std::move(taken));
  if (!keys) co_return std::unexpected(keys.error());
  if (!*keys) co_return nullptr;
  auto ring = std::make_shared<const vault::KeyRing>(std::move(**keys));
  if (auto published = co_await publish_key(records, *ring); !published)
    co_return std::unexpected(published.error());
  co_return ring;
}

}  // namespace hongyan::mailbox
