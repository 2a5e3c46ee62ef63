#pragma once

#include "base/bilingual.h"
#include "base/json.h"
#include "base/secret.h"
#include "cli/session.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hongyan::cli {

// Whose mailbox it is: the one named, or the only tenant there is. Of anything else a sentence.
Result<std::string> tenant_of(Session& session, const std::string& named);

// A secret as it may travel through the queue: only engines with the vault's key can open it.
// Errors: also "no-vault", and those of the Session.
Result<std::string> seal_for_vault(Session& session, const std::string& tenant,
                                   const std::string& address, const Secret& secret);

// Gives an engine an order for a mailbox ("mailbox.bind") and waits for what came of it: a
// BindReport as JSON; nothing: no engine answered in time. Errors: those of the Session.
Result<std::optional<Json>> give_order(Session& session, const std::string& op,
                                       std::vector<std::pair<std::string, std::string>> fields);

// Tells people or programs what came of an order; the exit code.
int tell_order(const std::optional<Json>& report, const std::string& address, const Common& common,
               Language language);

}  // namespace hongyan::cli
