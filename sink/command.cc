#include "sink/command.h"

#include "base/text.h"

#include <charconv>

namespace hongyan::sink {

std::string_view next_word(std::string_view& text) {
  text = trim_blanks(text);
  const auto end = std::min(text.find(' '), text.size());
  const auto word = text.substr(0, end);
  text.remove_prefix(end);
  return word;
}

std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto* end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || error != std::errc{} || at != end) return std::nullopt;
  return value;
}

std::optional<PathCommand> parse_path(std::string_view rest, std::string_view keyword) {
  rest = trim_blanks(rest);
  if (!ascii_iequals(rest.substr(0, keyword.size()), keyword)) return std::nullopt;
  rest = trim_blanks(rest.substr(keyword.size()));
  if (!rest.starts_with('<')) return std::nullopt;
  bool quoted = false;
  for (std::size_t i = 1; i < rest.size(); ++i) {
    const char c = rest[i];
    if (quoted && c == '\\') {
      ++i;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (c == '>' && !quoted) {
      const auto after = rest.substr(i + 1);
      if (!after.empty() && after.front() != ' ') return std::nullopt;
      return PathCommand{rest.substr(1, i - 1), trim_blanks(after)};
    }
  }
  return std::nullopt;
}

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
