#include "store/library.h"

#include "embedded/functions.h"
#include "store/redis/functions.h"

namespace hongyan::store {

std::string library_source() {
  std::string source = "#!lua name=" + std::string(kLibrary) + "\n";
  for (const embedded::File& file : embedded::functions_files()) source += file.text;
  constexpr std::string_view kPlace = "@REVISION@";
  source.replace(source.find(kPlace), kPlace.size(), std::to_string(kLibraryRevision));
  return source;
}

async::Task<Result<void>> ensure_functions(redis::Client& client, async::Deadline deadline) {
  co_return co_await redis::ensure_library(client, kLibrary, kLibraryRevision, library_source(),
                                           deadline);
}

}  // namespace hongyan::store
