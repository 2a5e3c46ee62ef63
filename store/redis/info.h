#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace hongyan::redis {

// The answer of INFO: "field:value" lines.
class Info {
 public:
  explicit Info(std::string_view text) : text_(text) {}
  // Empty when absent.
  std::string_view get(std::string_view field) const;
  // 0 when absent or no number.
  std::int64_t number(std::string_view field) const;

 private:
  std::string text_;
};

}  // namespace hongyan::redis
