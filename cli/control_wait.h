#pragma once

#include "cli/session.h"

#include <cstdint>
#include <string>
#include <vector>

namespace hongyan::cli {

struct Operation {
  std::string op;  // pause, resume, cancel
  std::string job;
  std::string actor;
  std::string reason;
  std::int64_t budget = -1;
};

// What an engine said to an operation.
struct Effect {
  enum class Kind : unsigned char { kApplied, kKept, kRefused, kNone };
  Kind kind = Kind::kNone;
  std::string why;  // of a refusal
};

// Puts the operation on hongyan:control and waits, at most 5 s, until an engine has dealt with it.
// Errors: those of the Session.
Result<Effect> carry_out(Session& session, const Operation& operation);

// Who does this: "user@host".
std::string actor();

}  // namespace hongyan::cli
