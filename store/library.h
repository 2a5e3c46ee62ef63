#pragma once

#include "store/redis/client.h"

#include <string>
#include <string_view>

namespace hongyan::store {

// The name carries the layout of the keys: a change that older engines could not read needs a new
// one.
inline constexpr std::string_view kLibraryName = "hongyan1";
// Grows with every change of store/functions; Redis keeps the highest it was given.
inline constexpr int kLibraryRevision = 24;
// Of library_source(), so that no change forgets to raise the revision (unit/store/library_test).
inline constexpr std::string_view kLibraryFingerprint = "a8fdffdc1dffd4f0c7c7075b6460ee1e";

// store/functions joined in the order of their names, shebang first.
std::string library_source();

// Sees to it that Redis runs this library. Errors: as redis::ensure_library.
async::Task<Result<void>> ensure_functions(redis::Client& client, async::Deadline deadline);

}  // namespace hongyan::store
