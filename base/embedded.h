#pragma once

#include <string_view>

namespace hongyan::embedded {

// A file of the source tree that travels inside the binary (see hongyan_embed in cmake/).
struct File {
  std::string_view path;  // relative to the repository root
  std::string_view text;
};

}  // namespace hongyan::embedded
