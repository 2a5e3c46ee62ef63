#pragma once

#include "cli/late_marks.h"
#include "cli/session.h"
#include "engine/core/chunk.h"
#include "store/reply_log.h"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace hongyan::cli {

// One recipient of a job, as it stands.
struct RecipientRow {
  std::uint64_t row = 0;  // in the list as submitted
  std::uint64_t chunk = 0;
  std::uint32_t index = 0;
  std::string_view address;
  char state = 'q';
  std::string reply;          // the last answer, or why the row was refused
  std::int64_t reply_at = 0;  // unix seconds
  int attempts = 0;
  std::vector<LateMark> late;  // what came back after it was accepted
  bool opened = false;         // these two of tracked jobs only
  int clicks = 0;              // links, each once
};

// "queued", "delivered" ... of a state byte; "?" for one this version does not know.
std::string_view state_name(char state);
// All state bytes that mean a state of that name; empty when there is no such state.
std::string state_bytes(std::string_view name);

// Goes through a job's recipients chunk by chunk, some chunks a round trip, memory flat. Chunks of
// which no state byte is in `wanted` (empty: all) are not even fetched. Stops when `take` says no.
// `tracked`: what they opened and clicked is looked up too. The order is the chunks': rows of one
// list come grouped by receiving domain.
Result<void> each_recipient(Session& session, const std::string& id, std::uint64_t chunks,
                            std::string_view wanted,
                            const std::function<bool(const RecipientRow&)>& take,
                            bool tracked = false);

// A row as PowerMTA's accounting files write it, in the order of kPmtaColumns.
inline constexpr std::string_view kPmtaColumns =
    "type,timeLogged,timeQueued,orig,rcpt,dsnAction,dsnStatus,dsnDiag,dlvType,vmta,jobId,queue";
struct PmtaJob {
  std::string id, channel, tenant, orig;
  std::int64_t created_ms = 0;
};
// Empty for recipients that no attempt was made for: PowerMTA has no record of such. A second line,
// of type rb, for a bounce that came by mail.
std::string pmta_line(const RecipientRow& row, const PmtaJob& job);

}  // namespace hongyan::cli
