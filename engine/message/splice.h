#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hongyan::message {

// A message being put together: pieces that belong to someone else, by reference, and bytes of
// its own between them.
class Splice {
 public:
  void clear();
  void fixed(std::string_view piece);
  // Append only; what was appended since the last fixed() becomes one piece.
  std::string& own() { return own_; }
  void finish();

  // Valid after finish().
  std::span<const std::string_view> pieces() const { return pieces_; }
  std::size_t size() const { return size_; }

 private:
  struct Run {
    std::size_t piece;
    std::size_t offset;
  };
  void close_run();

  std::vector<std::string_view> pieces_;
  std::vector<Run> runs_;  // pieces in own_, which may move while it grows
  std::string own_;
  std::size_t closed_ = 0;
  std::size_t size_ = 0;
};

}  // namespace hongyan::message
