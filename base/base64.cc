#include "base/base64.h"

namespace hongyan {
namespace {

constexpr std::string_view kStandard =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kUrl =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

std::string_view alphabet(Base64Kind kind) {
  return kind == Base64Kind::kUrl ? kUrl : kStandard;
}

}  // namespace

std::string encode_base64(std::string_view bytes, Base64Kind kind) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    unsigned group = 0;
    for (std::size_t k = 0; k < 3; ++k)
      group = group << 8 | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0u);
    for (std::size_t k = 0; k < 4; ++k)
      out += i + k > bytes.size() ? '=' : alphabet(kind)[group >> (18 - 6 * k) & 63];
  }
  return out;
}

std::optional<std::string> decode_base64(std::string_view text, Base64Kind kind) {
  std::size_t padding = 0;
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
  const bool may_lack_padding = kind == Base64Kind::kUrl && padding == 0;
  if (text.size() % 4 != 0 && !may_lack_padding) return std::nullopt;
  text.remove_suffix(padding);
  std::string out;
  unsigned group = 0;
  unsigned bits = 0;
  for (const char c : text) {
    std::size_t value = alphabet(kind).find(c);
    if (value == std::string_view::npos && kind == Base64Kind::kUrl) value = kStandard.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    group = group << 6 | static_cast<unsigned>(value);
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out += static_cast<char>(group >> bits & 0xFF);
    }
  }
  if (bits >= 6 || (group & ((1u << bits) - 1)) != 0) return std::nullopt;
  return out;
}

}  // namespace hongyan
