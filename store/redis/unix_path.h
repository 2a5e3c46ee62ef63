#pragma once

#include "base/error.h"

#include <string>
#include <string_view>

namespace hongyan::redis {

// A socket's path as an address can hold it (sun_path: 107 bytes). A longer one is reached through
// a descriptor of its folder, open while this lives.
class UnixPath {
 public:
  static Result<UnixPath> of(std::string_view path);
  UnixPath(UnixPath&& other) noexcept;
  UnixPath& operator=(UnixPath&&) = delete;
  ~UnixPath();

  const std::string& reachable() const { return reachable_; }

 private:
  UnixPath(int folder, std::string reachable);

  int folder_;
  std::string reachable_;
};

}  // namespace hongyan::redis
