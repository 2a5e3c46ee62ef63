#include "cli/vault_rotate.h"

#include "base/text.h"
#include "cli/output.h"
#include "cli/vault_keys.h"
#include "mailbox/vault/rotation.h"
#include "store/mailbox_store.h"
#include "store/vault_store.h"

#include <iostream>

namespace hongyan::cli {
namespace {

int tell(const vault::KeyRing& keys, const vault::Rotation& done, const Common& common) {
  const auto number = [](std::size_t count) {
    return json_number(static_cast<std::int64_t>(count));
  };
  if (common.json) {
    Json failed = Json::array({});
    for (const auto& [address, error] : done.failed)
      failed.push(Json::object({{"address", Json::string(address)},
                                {"code", Json::string(std::string(error.code))},
                                {"error", Json::string(error.detail)}}));
    print_json(Json::object({{"ok", Json::boolean(done.failed.empty())},
                             {"key_id", Json::string(keys.current.id())},
                             {"resealed", number(done.resealed)},
                             {"current", number(done.current)},
                             {"none", number(done.none)},
                             {"failed", std::move(failed)}}));
  } else {
    std::cout << "sealed " << done.resealed << " anew under key " << keys.current.id() << "; "
              << done.current << " were already\n";
    if (done.none > 0) std::cout << done.none << " mailboxes have no secret\n";
    for (const auto& [address, error] : done.failed)
      std::cerr << escape_control(address) << ": its secret " << error.detail << '\n';
    if (!done.failed.empty())
      std::cerr << done.failed.size() << " stay as they are: keep the old keys, or bind these "
                << "mailboxes again\n";
  }
  return done.failed.empty() ? kDone : kFailed;
}

}  // namespace

int rotate_vault(const vault::KeyRing& keys, Session& session, const Common& common) {
  // First: what is sealed from now on need not be opened with the old key.
  if (auto published = publish_vault_key(keys, session, common); !published)
    return published.error();
  store::MailboxStore mailboxes(session.jobs());
  store::VaultStore store(session.jobs());
  const auto addresses = session.run(mailboxes.all());
  if (!addresses) return report_error(addresses.error(), common);
  const auto done = vault::rotate(
      keys, *addresses,
      {.read = [&](const std::string& address) { return session.run(store.secret(address)); },
       .swap =
           [&](const std::string& address, const std::string& before, const std::string& after) {
             return session.run(store.swap(address, before, after));
           }});
  if (!done) return report_error(done.error(), common);
  return tell(keys, *done, common);
}

}  // namespace hongyan::cli
