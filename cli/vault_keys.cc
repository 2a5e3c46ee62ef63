#include "cli/vault_keys.h"

#include "cli/config_faults.h"
#include "engine/config/config.h"
#include "mailbox/office/vault_keys.h"

namespace hongyan::cli {
namespace {

std::expected<vault::KeySources, int> sources_of(const VaultKeyOptions& options,
                                                 const Common& common) {
  vault::KeySources sources;
  if (!options.config.empty()) {
    const auto config = config::load_config(options.config);
    if (!config) return std::unexpected(report_faults(config.error(), common.json));
    sources = mailbox::key_sources(config->local);
  }
  if (!options.key_file.empty()) {
    sources.key_file = options.key_file;
    sources.passphrase_file.clear();
  }
  for (const std::string& one : options.previous) sources.previous_key_files.emplace_back(one);
  return sources;
}

// The vault's own errors are those of its keys: the configuration's.
int tell(const Error& error, const Common& common) {
  return error.code.starts_with("vault-") ? refuse(common, kBadConfig, error.detail)
                                          : report_error(error, common);
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
  store::VaultStore records(session.jobs());
  auto keys = session.run(mailbox::load_ring(records, *sources));
  if (!keys) return std::unexpected(tell(keys.error(), common));
  return std::move(*keys);
}

std::expected<void, int> publish_vault_key(const vault::KeyRing& keys, Session& session,
                                           const Common& common) {
  if (auto ready = session.ensure_functions(); !ready)
    return std::unexpected(report_error(ready.error(), common));
  store::VaultStore records(session.jobs());
  const auto published = session.run(mailbox::publish_key(records, keys));
  if (!published) return std::unexpected(tell(published.error(), common));
  return {};
}

}  // namespace hongyan::cli
