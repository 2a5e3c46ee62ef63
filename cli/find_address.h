#pragma once

#include "cli/late_marks.h"
#include "cli/session.h"
#include "store/reply_log.h"

#include <cstdint>
#include <string>
#include <vector>

namespace hongyan::cli {

// A recipient of some job that is the address asked for, however it was written there.
struct FoundRecipient {
  std::string job;
  std::string ref;  // identity::recipient_ref(): finds it in the logs of engines
  store::JobView view;
  std::uint64_t row = 0;  // in the list as submitted
  std::string address;
  std::string refusal;  // why the row was refused
  char state = 'q';
  std::vector<store::ReplyEntry> replies;  // oldest first
  std::int64_t due_ms = 0;                 // when it is due again; 0: nobody waits for a time
  std::int64_t first_attempt_ms = 0;
  int attempts = 0;
  std::vector<LateMark> late;
};

// All jobs that are kept, newest first; `only`: just this one. Reads every chunk of them: seconds
// for millions of recipients.
Result<std::vector<FoundRecipient>> find_address(Session& session, const std::string& address,
                                                 const std::string& only = {});

}  // namespace hongyan::cli
