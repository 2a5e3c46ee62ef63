#pragma once

#include "cli/session.h"

#include <optional>
#include <string>
#include <vector>

namespace hongyan::cli {

// What became of an entry of hongyan:jobs.
struct Verdict {
  enum class Kind : unsigned char {
    kAccepted,
    kRefused,
    kNoEngine,  // nobody reads the stream; the entry waits
    kNotYet,    // engines live, but none has taken it within 5 s
  };
  Kind kind = Kind::kNotYet;
  std::vector<std::string> faults;  // of a refusal
};

// The job that a document becomes.
struct ExpectedJob {
  std::string id, digest;
};

// Waits at most 5 s until an engine has taken the entry. With `job` it looks for that job and at
// refusals only: whoever may submit need not be able to read the queue. Errors: those of the
// Session.
Result<Verdict> wait_for_verdict(Session& session, const std::string& entry,
                                 const std::optional<ExpectedJob>& job = {});

// Adds a document to the queue; gives the entry's id.
Result<std::string> enqueue(Session& session, const std::string& document);

}  // namespace hongyan::cli
