#include "base/smtp_command.h"

#include "base/text.h"

#include <algorithm>
#include <charconv>

namespace hongyan {

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

std::string_view DotReader::take(std::string_view& input) {
  if (done_ || input.empty()) return {};
  if (at_line_start_ && input.front() == '.') {
    if (input.starts_with(".\r\n")) {
      input.remove_prefix(3);
      done_ = true;
      return {};
    }
    if (input == "." || input == ".\r") return {};
    input.remove_prefix(1);
  }
  const auto found = input.find("\r\n.");
  std::size_t length = found == std::string_view::npos ? input.size() : found + 2;
  if (found == std::string_view::npos && input.ends_with('\r')) --length;  // LF may follow
  const auto piece = input.substr(0, length);
  if (!piece.empty()) at_line_start_ = piece.ends_with("\r\n");
  input.remove_prefix(length);
  return piece;
}

}  // namespace hongyan
