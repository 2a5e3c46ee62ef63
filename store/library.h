#pragma once

#include "base/async/task.h"
#include "base/error.h"
#include "store/redis/client.h"

#include <string>
#include <string_view>

namespace hongyan::store {

// The functions of store/functions as one Redis library. The name carries the layout's version, the
// revision grows with every change of the text within it.
inline constexpr std::string_view kLibrary = "hongyan1";
inline constexpr int kLibraryRevision = 1;

std::string library_source();

// Loads the library where it is absent or older. Errors: see redis/functions.h.
async::Task<Result<void>> ensure_functions(redis::Client& client, async::Deadline deadline);

}  // namespace hongyan::store
