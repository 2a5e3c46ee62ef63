#include "engine/message/liquid/problems.h"

#include "base/text.h"
#include "base/utf8.h"
#include "engine/message/liquid/characters.h"

#include <algorithm>

namespace hongyan::liquid {
namespace {

constexpr std::size_t kBefore = 12;
constexpr std::size_t kExcerpt = 40;

}  // namespace

Place place_of(std::string_view source, std::size_t at) {
  at = std::min(at, source.size());
  const std::string_view before = source.substr(0, at);
  const std::size_t last_break = before.rfind('\n');
  const std::size_t begin = last_break == std::string_view::npos ? 0 : last_break + 1;
  Place place;
  place.line = 1 + static_cast<std::size_t>(std::ranges::count(before, '\n'));
  place.column = 1 + count_code_points(before.substr(begin));
  std::string_view line = source.substr(begin);
  line = line.substr(0, line.find_first_of("\r\n"));
  if (place.column > kBefore) line.remove_prefix(bytes_of(line, place.column - kBefore));
  const std::size_t size = bytes_of(line, kExcerpt);
  place.excerpt = escape_control(trim_blanks(line.substr(0, size)));
  return place;
}

}  // namespace hongyan::liquid
