#pragma once

#include "store/job_store.h"

#include <cstdint>
#include <optional>
#include <string>

namespace hongyan::store {

// Nothing is sent by any engine while it stands: everything else goes on. One for the whole system,
// in the key hongyan:hold, set by an operator or by an engine that finds Redis older than it was.
struct Hold {
  std::int64_t at_ms = 0;
  std::string actor;
  std::string reason;

  // Set by one of us, not by a person.
  static std::string actor_of_engine(const std::string& id) { return "engine " + id; }
  bool by_engine() const { return actor.starts_with(actor_of_engine("")); }

  // "held since 2026-11-21T15:02:11.000Z by ann@ops: restored from the backup of 14:00"
  std::string sentence() const;
};

std::string to_json(const Hold& hold);
// A value that is no such JSON holds as well: somebody wanted it.
Hold hold_from_json(std::string_view text);

async::Task<Result<std::optional<Hold>>> load_hold(JobStore& store);
// False: there is one already, and it stays.
async::Task<Result<bool>> set_hold(JobStore& store, Hold hold);
// False: there was none.
async::Task<Result<bool>> release_hold(JobStore& store);

}  // namespace hongyan::store
