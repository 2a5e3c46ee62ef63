#pragma once

#include "store/redis/client.h"

#include <string_view>

namespace hongyan::redis {

// Sees to it that Redis runs this library: loads it when absent or older, leaves it when equal.
//
// The name carries the layout's version ("hongyan1"), so libraries of other layouts stay loaded
// beside it and a layout can be left behind engine by engine. Within a layout `revision` grows;
// the library registers the function "<name>_revision", which returns it. `source` is the whole
// text, shebang first.
//
// Errors: "redis-functions-newer" (upgrade this program), "redis-functions-denied" (the ACL),
// "redis-functions-broken" (Redis refuses the text, or it does not report `revision`),
// and the calls' own.
async::Task<Result<void>> ensure_library(Client& client, std::string_view name, int revision,
                                         std::string_view source, async::Deadline deadline);

}  // namespace hongyan::redis
