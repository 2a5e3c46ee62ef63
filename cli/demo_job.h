#pragma once

#include "base/clock.h"
#include "cli/session.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hongyan::cli::demo {

struct Script {
  std::string id;
  std::string_view campaign;  // a file of examples/, as it travels in the binary
  std::string_view list;
  std::uint64_t rows = 0;  // the first of the list; more than it has: again, with new addresses
};

struct Submitted {
  std::uint64_t rows = 0;
  std::uint64_t blocks = 0;
  Millis took{0};
  std::vector<std::string> names;  // of the first recipients
};

// Puts a job on the queue the way `submit` does: the list's rows become numbered blocks on the
// job's list, then the document goes to the stream. Errors: "demo", and those of Redis.
Result<Submitted> submit(Session& session, const Script& script);

}  // namespace hongyan::cli::demo
