#include "mailbox/vault/text_form.h"

#include "base/base64.h"

namespace hongyan::vault {

std::string to_text(std::string_view bytes) {
  std::string text = encode_base64(bytes, Base64Kind::kUrl);
  while (text.ends_with('=')) text.pop_back();
  return text;
}

std::optional<std::string> from_text(std::string_view text) {
  auto bytes = decode_base64(text, Base64Kind::kUrl);
  if (bytes && to_text(*bytes) != text) return std::nullopt;
  return bytes;
}

std::string to_hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const char byte : bytes) {
    text += kDigits[static_cast<unsigned char>(byte) >> 4];
    text += kDigits[static_cast<unsigned char>(byte) & 15];
  }
  return text;
}

}  // namespace hongyan::vault
