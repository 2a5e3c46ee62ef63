#include "store/library.h"

#include "embedded/functions.h"
#include "store/redis/functions.h"

#include <algorithm>
#include <vector>

namespace hongyan::store {

std::string library_source() {
  std::vector<embedded::File> files(embedded::functions_files().begin(),
                                    embedded::functions_files().end());
  std::ranges::sort(files, {}, &embedded::File::path);
  std::string source = "#!lua name=" + std::string(kLibraryName) + "\n";
  for (const embedded::File& file : files) source.append(file.text).append("\n");
  constexpr std::string_view kPlaceholder = "@REVISION@";
  for (auto at = source.find(kPlaceholder); at != std::string::npos;
       at = source.find(kPlaceholder, at))
    source.replace(at, kPlaceholder.size(), std::to_string(kLibraryRevision));
  return source;
}

async::Task<Result<void>> ensure_functions(redis::Client& client, async::Deadline deadline) {
  // Named: the views must live until the call has ended.
  const std::string source = library_source();
  co_return co_await redis::ensure_library(client, kLibraryName, kLibraryRevision, source,
                                           deadline);
}

}  // namespace hongyan::store
