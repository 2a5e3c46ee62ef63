#pragma once

#include "engine/dkim/canonical.h"

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace hongyan::dkim {

// Remembers the bodies of a job that were hashed last, so that a body which many recipients share
// is hashed once. Bodies are compared byte by byte, a thing of microseconds: nobody has to know
// beforehand which bodies are shared, and several templates of one job are no special case.
//
// A job whose bodies all differ stops remembering after kPatience of them.
// Owner: one caller at a time.
class BodyHashes {
 public:
  const Digest& hash(std::span<const std::string_view> body);
  std::size_t computed() const { return computed_; }  // those that were not remembered

 private:
  struct Entry {
    std::string body;
    Digest digest{};
    bool used = false;
  };
  static constexpr std::size_t kPatience = 64;

  std::array<Entry, 4> entries_;
  Digest last_{};
  std::size_t next_ = 0;  // the entry that is replaced next
  std::size_t computed_ = 0;
  bool ever_found_ = false;
};

}  // namespace hongyan::dkim
