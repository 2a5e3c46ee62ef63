#include "sink/command.h"

#include "base/text.h"

namespace hongyan::sink {

std::optional<Chunk> parse_chunk(std::string_view rest) {
  const auto bytes = parse_number(next_word(rest));
  const auto last = next_word(rest);
  if (!bytes || !(last.empty() || ascii_iequals(last, "LAST")) || !next_word(rest).empty())
    return std::nullopt;
  return Chunk{*bytes, !last.empty()};
}

std::optional<std::string> decode_base64(std::string_view text) {
  static constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  if (text.size() % 4 != 0) return std::nullopt;
  while (text.ends_with('=')) text.remove_suffix(1);
  std::string out;
  unsigned bits = 0;
  int held = 0;
  for (const char c : text) {
    const auto value = kAlphabet.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    bits = (bits << 6 | static_cast<unsigned>(value)) & 0xffffU;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    out += static_cast<char>(bits >> held & 0xffU);
  }
  return out;
}

std::string message_id_of(std::string_view header) {
  static constexpr std::string_view kName = "message-id:";
  while (!header.empty()) {
    const auto end = header.find("\r\n");
    const auto line = header.substr(0, end);
    if (line.empty()) return {};
    if (ascii_iequals(line.substr(0, kName.size()), kName)) {
      auto value = trim_blanks(line.substr(kName.size()));
      if (value.empty() && end != std::string_view::npos) {  // folded right after the name
        header.remove_prefix(end + 2);
        if (header.starts_with(' ') || header.starts_with('\t'))
          value = trim_blanks(header.substr(0, header.find("\r\n")));
      }
      return std::string(value);
    }
    if (end == std::string_view::npos) return {};
    header.remove_prefix(end + 2);
  }
  return {};
}

}  // namespace hongyan::sink
