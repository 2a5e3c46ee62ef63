#include "mailbox/imap/folder_name.h"

#include "base/base64.h"
#include "base/utf8.h"

#include <algorithm>

namespace hongyan::imap {
namespace {

bool stands_for_itself(char c) {
  return c >= ' ' && c <= '~';
}

bool is_high_surrogate(char16_t unit) {
  return (unit & 0xFC00) == 0xD800;
}
bool is_low_surrogate(char16_t unit) {
  return (unit & 0xFC00) == 0xDC00;
}

// The octets of one shift, UTF-16 in network order, to UTF-8.
bool append_utf16(std::string& out, std::string_view octets) {
  if (octets.size() % 2 != 0) return false;
  const auto unit_at = [&](std::size_t i) {
    return static_cast<char16_t>(static_cast<unsigned char>(octets[i]) << 8U |
                                 static_cast<unsigned char>(octets[i + 1]));
  };
  for (std::size_t i = 0; i < octets.size(); i += 2) {
    const char16_t unit = unit_at(i);
    if (is_low_surrogate(unit)) return false;
    if (!is_high_surrogate(unit)) {
      append_utf8(out, unit);
      continue;
    }
    i += 2;
    if (i >= octets.size() || !is_low_surrogate(unit_at(i))) return false;
    append_utf8(out, 0x10000U + ((unit & 0x3FFU) << 10U) + (unit_at(i) & 0x3FFU));
  }
  return true;
}

char32_t take_point(std::string_view& text) {
  const auto first = static_cast<unsigned char>(text.front());
  const std::size_t size = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  char32_t point = size == 1 ? first : first & (0xFFU >> (size + 1));
  for (std::size_t i = 1; i < size; ++i)
    point = point << 6U | (static_cast<unsigned char>(text[i]) & 0x3FU);
  text.remove_prefix(size);
  return point;
}

void append_unit(std::string& out, char32_t unit) {
  out += static_cast<char>(unit >> 8U & 0xFFU);
  out += static_cast<char>(unit & 0xFFU);
}

}  // namespace

std::optional<std::string> decode_folder_name(std::string_view wire) {
  std::string out;
  while (!wire.empty()) {
    const char c = wire.front();
    if (!stands_for_itself(c)) return std::nullopt;
    if (c != '&') {
      out += c;
      wire.remove_prefix(1);
      continue;
    }
    const std::size_t end = wire.find('-');
    if (end == std::string_view::npos) return std::nullopt;
    std::string shifted(wire.substr(1, end - 1));
    wire.remove_prefix(end + 1);
    if (shifted.empty()) {
      out += '&';
      continue;
    }
    if (shifted.contains('/')) return std::nullopt;
    std::ranges::replace(shifted, ',', '/');
    shifted.append((4 - shifted.size() % 4) % 4, '=');
    const auto octets = decode_base64(shifted);
    if (!octets || !append_utf16(out, *octets)) return std::nullopt;
  }
  return out;
}

std::string encode_folder_name(std::string_view text) {
  const std::string valid = replace_invalid_utf8(text);
  std::string_view name = valid;
  std::string out;
  while (!name.empty()) {
    if (stands_for_itself(name.front())) {
      out += name.front();
      if (name.front() == '&') out += '-';
      name.remove_prefix(1);
      continue;
    }
    std::string octets;
    while (!name.empty() && !stands_for_itself(name.front())) {
      const char32_t point = take_point(name);
      if (point < 0x10000) {
        append_unit(octets, point);
      } else {
        append_unit(octets, 0xD800U + ((point - 0x10000U) >> 10U));
        append_unit(octets, 0xDC00U + ((point - 0x10000U) & 0x3FFU));
      }
    }
    std::string shifted = encode_base64(octets);
    shifted.resize(shifted.find_last_not_of('=') + 1);
    std::ranges::replace(shifted, '/', ',');
    out.append("&").append(shifted).append("-");
  }
  return out;
}

}  // namespace hongyan::imap
