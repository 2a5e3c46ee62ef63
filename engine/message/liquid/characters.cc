#include "engine/message/liquid/characters.h"

#include "base/utf8.h"
#include "engine/message/liquid/case_map.h"

namespace hongyan::liquid {
namespace {

constexpr std::string_view kStripped{"\t\n\v\f\r \0", 7};
constexpr char32_t kSharpS = 0xDF;
constexpr char32_t kDottedI = 0x130;

bool continues(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

char32_t decode(std::string_view character) {
  const auto lead = static_cast<unsigned char>(character[0]);
  if (lead < 0x80) return lead;
  char32_t point = lead & (0x7F >> character.size());
  for (const char c : character.substr(1))
    point = point << 6 | (static_cast<unsigned char>(c) & 0x3F);
  return point;
}

void append_upper(std::string_view character, std::string& out) {
  const char32_t point = decode(character);
  if (point == kSharpS) {
    out += "SS";
  } else {
    append_utf8(out, upper_case(point));
  }
}

void append_lower(std::string_view character, std::string& out) {
  const char32_t point = decode(character);
  if (point == kDottedI) {
    out += "i\u0307";
  } else {
    append_utf8(out, lower_case(point));
  }
}

template <class Append>
std::string each(std::string_view text, Append append) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::string_view character = first_character(text);
    append(character, out);
    text.remove_prefix(character.size());
  }
  return out;
}

}  // namespace

std::size_t bytes_of(std::string_view text, std::size_t count) {
  std::size_t at = 0;
  for (; at < text.size(); ++at)
    if (!continues(text[at]) && count-- == 0) break;
  return at;
}

std::string_view first_character(std::string_view text) {
  std::size_t end = 1;
  while (end < text.size() && continues(text[end])) ++end;
  return text.substr(0, end);
}

std::string_view last_character(std::string_view text) {
  std::size_t begin = text.size() - 1;
  while (begin > 0 && continues(text[begin])) --begin;
  return text.substr(begin);
}

std::string upcase(std::string_view text) {
  return each(text, append_upper);
}

std::string downcase(std::string_view text) {
  return each(text, append_lower);
}

std::string capitalize(std::string_view text) {
  if (text.empty()) return {};
  const std::string_view first = first_character(text);
  std::string out;
  if (decode(first) == kSharpS) {
    out = "Ss";
  } else {
    append_upper(first, out);
  }
  return out + downcase(text.substr(first.size()));
}

bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

bool is_alnum(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

std::string_view strip_left(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kStripped);
  return first == std::string_view::npos ? std::string_view{} : text.substr(first);
}

std::string_view strip_right(std::string_view text) {
  const std::size_t last = text.find_last_not_of(kStripped);
  return last == std::string_view::npos ? std::string_view{} : text.substr(0, last + 1);
}

}  // namespace hongyan::liquid
