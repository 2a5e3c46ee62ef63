#include "base/address.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/output.h"
#include "cli/secret_prompt.h"
#include "cli/vault_keys.h"
#include "cli/vault_rotate.h"
#include "mailbox/vault/key_file.h"
#include "mailbox/vault/record.h"
#include "mailbox/vault/sealed_secret.h"
#include "mailbox/vault/text_form.h"
#include "store/vault_store.h"

#include <iostream>
#include <memory>

namespace hongyan::cli {
namespace {

struct Options {
  Common common;
  VaultKeyOptions keys;
  std::string out = "vault.key";
  std::string address;
  std::string tenant;
  std::string public_key;
};

int keygen(const Options& options) {
  const vault::MasterKey key = vault::MasterKey::generate();
  if (const auto saved = vault::save_key(key, options.out); !saved)
    return refuse(options.common, kFailed, saved.error().detail);
  const std::string print = vault::fingerprint(key.pair().public_key);
  if (options.common.json) {
    print_json(Json::object({{"ok", Json::boolean(true)},
                             {"file", Json::string(options.out)},
                             {"key_id", Json::string(key.id())},
                             {"fingerprint", Json::string(print)}}));
    return kDone;
  }
  Facts facts;
  facts.add("key file", escape_control(options.out));
  facts.add("key id", key.id());
  facts.add("fingerprint", print);
  facts.print(std::cout);
  std::cerr << "Keep a copy where no backup of Redis is: without the key every secret is lost, and "
               "with both every secret is open.\n";
  return kDone;
}

int tell_public_key(const Options& options, const store::VaultStore::Public& known) {
  const auto key = vault::parse_public_key(known.public_key);
  if (!key)
    return refuse(options.common, kFailed,
                  "what Redis has as the vault's public key " + key.error().detail);
  const std::string print = vault::fingerprint(*key);
  if (options.common.json) {
    print_json(Json::object({{"ok", Json::boolean(true)},
                             {"public_key", Json::string(known.public_key)},
                             {"key_id", Json::string(known.key_id)},
                             {"fingerprint", Json::string(print)}}));
    return kDone;
  }
  Facts facts;
  facts.add("public key", known.public_key);
  facts.add("key id", escape_control(known.key_id));
  facts.add("fingerprint", print);
  facts.print(std::cout);
  return kDone;
}

int public_key(const Options& options) {
  auto session = Session::open(options.common);
  if (!session) return report_error(session.error(), options.common);
  const auto keys = load_vault_keys(options.keys, **session, options.common);
  if (!keys) return keys.error();
  if (*keys) {
    const vault::MasterKey& current = (*keys)->current;
    if (auto done = publish_vault_key(**keys, **session, options.common); !done)
      return done.error();
    return tell_public_key(options, {current.id(), vault::to_text(current.pair().public_key)});
  }
  store::VaultStore store((*session)->jobs());
  const auto known = (*session)->run(store.load());
  if (!known) return report_error(known.error(), options.common);
  if (known->public_key.empty())
    return refuse(options.common, kFailed,
                  "no public key is published; give the master key once: --config, --key-file or "
                  "HONGYAN_VAULT_KEY");
  return tell_public_key(options, *known);
}

int rotate(const Options& options) {
  auto session = Session::open(options.common);
  if (!session) return report_error(session.error(), options.common);
  const auto keys = load_vault_keys(options.keys, **session, options.common);
  if (!keys) return keys.error();
  if (!*keys)
    return refuse(options.common, kBadConfig,
                  "no master key is named: --config, --key-file or HONGYAN_VAULT_KEY");
  return rotate_vault(**keys, **session, options.common);
}

// What the key is that secrets are sealed to; of an error the exit code.
std::expected<std::string, int> recipient_of(const Options& options) {
  std::string text = options.public_key;
  if (text.empty()) {
    auto session = Session::open(options.common);
    if (!session) return std::unexpected(report_error(session.error(), options.common));
    store::VaultStore store((*session)->jobs());
    const auto known = (*session)->run(store.load());
    if (!known) return std::unexpected(report_error(known.error(), options.common));
    if (known->public_key.empty())
      return std::unexpected(refuse(options.common, kFailed,
                                    "this Redis has no vault yet: hongyan vault public-key "
                                    "--key-file FILE publishes its key"));
    text = known->public_key;
  }
  auto key = vault::parse_public_key(text);
  if (!key)
    return std::unexpected(refuse(options.common, kUsage, "--public-key " + key.error().detail));
  return std::move(*key);
}

int seal(const Options& options) {
  const auto parsed = parse_address(options.address);
  if (!parsed)
    return refuse(options.common, kUsage, options.address + ": " + parsed.error().detail);
  const std::string address = ascii_lower(parsed->normalised());
  const auto key = recipient_of(options);
  if (!key) return key.error();
  const auto secret =
      read_secret("Password or authorization code of " + escape_control(address) + ": ",
                  vault::kMostSecretBytes);
  if (!secret) return refuse(options.common, kUsage, secret.error().detail);
  const auto sealed = vault::seal_secret(*key, {options.tenant, address}, *secret);
  if (!sealed) return refuse(options.common, kFailed, "the key " + sealed.error().detail);
  if (options.common.json)
    print_json(Json::object({{"ok", Json::boolean(true)},
                             {"address", Json::string(address)},
                             {"tenant", Json::string(options.tenant)},
                             {"sealed", Json::string(*sealed)}}));
  else
    std::cout << *sealed << '\n';
  return kDone;
}

}  // namespace

void add_vault(CLI::App& app, int& exit_code) {
  CLI::App* command =
      app.add_subcommand("vault", "The keys that secrets of bound mailboxes are sealed under");
  command->require_subcommand(1);
  command->footer("Example:\n  hongyan vault keygen --out /etc/hongyan/vault.key");
  const auto options = std::make_shared<Options>();
  const auto add = [&](const char* name, const char* what, const char* example,
                       int (*run)(const Options&)) {
    CLI::App* part = command->add_subcommand(name, what);
    part->footer(std::string("Example:\n  hongyan vault ") + example);
    part->callback([options, &exit_code, run] {
      forbid_core_dumps();
      exit_code = run(*options);
    });
    return part;
  };

  CLI::App* part = add("keygen", "Write a new master key (mode 0600)",
                       "keygen --out /etc/hongyan/vault.key", keygen);
  part->add_option("--out", options->out, "the new file; one that exists is never overwritten")
      ->capture_default_str();
  part->add_flag("--json", options->common.json, "for programs");

  part = add("public-key", "Show what secrets are sealed to; with the master key, publish it",
             "public-key --config /etc/hongyan/hongyan.toml", public_key);
  add_key_options(*part, options->keys);
  add_common(*part, options->common);

  part = add("rotate", "Seal every secret under the current key; may be repeated",
             "rotate --key-file new.key --previous-key-file old.key", rotate);
  add_key_options(*part, options->keys);
  add_common(*part, options->common);

  part = add("seal", "Seal a secret for the queue: from standard input, or typed unseen",
             "seal li@163.example --tenant acme", seal);
  part->add_option("ADDRESS", options->address, "the mailbox it is for")->required();
  part->add_option("--tenant", options->tenant, "whose mailbox it is");
  part->add_option("--public-key", options->public_key,
                   "seal to this key and ask no Redis; default: the published one");
  add_common(*part, options->common);
}

}  // namespace hongyan::cli
