#include "store/redis/info.h"

#include <charconv>

namespace hongyan::redis {

std::string_view Info::get(std::string_view field) const {
  std::string_view rest = text_;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find("\r\n"));
    rest.remove_prefix(std::min(line.size() + 2, rest.size()));
    if (line.starts_with(field) && line.substr(field.size()).starts_with(':'))
      return line.substr(field.size() + 1);
  }
  return {};
}

std::int64_t Info::number(std::string_view field) const {
  const std::string_view text = get(field);
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace hongyan::redis
