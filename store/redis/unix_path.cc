#include "store/redis/unix_path.h"

#include <fcntl.h>
#include <filesystem>
#include <sys/un.h>
#include <unistd.h>
#include <utility>

namespace hongyan::redis {

UnixPath::UnixPath(int folder, std::string reachable)
    : folder_(folder), reachable_(std::move(reachable)) {}

UnixPath::UnixPath(UnixPath&& other) noexcept
    : folder_(std::exchange(other.folder_, -1)), reachable_(std::move(other.reachable_)) {}

UnixPath::~UnixPath() {
  if (folder_ >= 0) ::close(folder_);
}

Result<UnixPath> UnixPath::of(std::string_view path) {
  if (path.size() < sizeof(sockaddr_un::sun_path)) return UnixPath(-1, std::string(path));
  const std::filesystem::path whole(path);
  const int folder = ::open(whole.parent_path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0)
    return fail(Scope::kProcess, "redis-away",
                "folder of socket " + std::string(path) + " cannot be opened");
  UnixPath through(folder,
                   "/proc/self/fd/" + std::to_string(folder) + "/" + whole.filename().string());
  if (through.reachable_.size() >= sizeof(sockaddr_un::sun_path))
    return fail(Scope::kProcess, "redis-away",
                "the file name of socket " + std::string(path) +
                    " is too long; an address holds 107 bytes");
  return through;
}

}  // namespace hongyan::redis
