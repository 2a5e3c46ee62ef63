#include "cli/vault_keys.h"

#include "cli/config_faults.h"
#include "engine/config/config.h"
#include "mailbox/vault/hkdf.h"
#include "mailbox/vault/text_form.h"
#include "store/vault_store.h"

namespace hongyan::cli {
namespace {

std::expected<vault::KeySources, int> sources_of(const VaultKeyOptions& options,
                                                 const Common& common) {
  vault::KeySources sources;
  if (!options.config.empty()) {
    const auto config = config::load_config(options.config);
    if (!config) return std::unexpected(report_faults(config.error(), common.json));
    const config::VaultSettings& named = config->local.vault;
    const std::filesystem::path folder = config->local.folder;
    if (!named.key_file.empty()) sources.key_file = folder / named.key_file;
    if (!named.passphrase_file.empty()) sources.passphrase_file = folder / named.passphrase_file;
    for (const std::string& one : named.previous_key_files)
      sources.previous_key_files.push_back(folder / one);
    for (const std::string& one : named.previous_passphrase_files)
      sources.previous_passphrase_files.push_back(folder / one);
  }
  if (!options.key_file.empty()) {
    sources.key_file = options.key_file;
    sources.passphrase_file.clear();
  }
  for (const std::string& one : options.previous) sources.previous_key_files.emplace_back(one);
  return sources;
}

}  // namespace

void add_key_options(CLI::App& command, VaultKeyOptions& options) {
  command.add_option("--config", options.config, "an engine's configuration: its [vault]");
  command.add_option("--key-file", options.key_file,
                     "the master key, instead (or HONGYAN_VAULT_KEY)");
  command.add_option("--previous-key-file", options.previous, "a key before it, which only opens");
}

std::expected<std::optional<vault::KeyRing>, int> load_vault_keys(const VaultKeyOptions& options,
                                                                  Session& session,
                                                                  const Common& common) {
  const auto sources = sources_of(options, common);
  if (!sources) return std::unexpected(sources.error());
  std::string salt;
  if (sources->needs_salt()) {
    store::VaultStore store(session.jobs());
    const Secret fresh = vault::random_secret(vault::kSaltSize);
    const auto kept = session.run(store.salt(vault::to_text(fresh.reveal())));
    if (!kept) return std::unexpected(report_error(kept.error(), common));
    salt = vault::from_text(*kept).value_or("");
  }
  auto keys = vault::load_keys(*sources, salt);
  if (!keys) return std::unexpected(refuse(common, kBadConfig, keys.error().detail));
  return std::move(*keys);
}

std::expected<void, int> publish_vault_key(const vault::KeyRing& keys, Session& session,
                                           const Common& common) {
  if (auto ready = session.ensure_functions(); !ready)
    return std::unexpected(report_error(ready.error(), common));
  store::VaultStore store(session.jobs());
  const std::string& id = keys.current.id();
  std::vector<std::string> known;
  for (const vault::MasterKey& key : keys.previous) known.push_back(key.id());
  const auto published = session.run(
      store.publish({id, vault::to_text(keys.current.pair().public_key)}, std::move(known)));
  if (!published) return std::unexpected(report_error(published.error(), common));
  if (published->key_id == id) return {};
  return std::unexpected(refuse(
      common, kBadConfig,
      "this Redis has a vault under the key " + published->key_id + ", and the key at hand is " +
          id + ": name the older one in vault.previous_key_files (or --previous-key-file)"));
}

}  // namespace hongyan::cli
