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
