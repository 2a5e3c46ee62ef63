#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hongyan::sink {

// `MAIL FROM:<a@b> SIZE=5` taken apart. Views point into the line.
struct PathCommand {
  std::string_view address;     // without < >; empty for the null sender
  std::string_view parameters;  // what follows, blanks trimmed
};

// `rest` is what follows the verb, `keyword` "FROM:" or "TO:". Nothing when malformed.
std::optional<PathCommand> parse_path(std::string_view rest, std::string_view keyword);

// `BDAT 86 LAST`, without the verb.
struct Chunk {
  std::uint64_t bytes = 0;
  bool last = false;
};
std::optional<Chunk> parse_chunk(std::string_view rest);

// Cuts the next blank-separated word off.
std::string_view next_word(std::string_view& text);

std::optional<std::uint64_t> parse_number(std::string_view text);
std::optional<std::string> decode_base64(std::string_view text);

// The value of the Message-ID field in a header section, "" when there is none.
std::string message_id_of(std::string_view header);

}  // namespace hongyan::sink
