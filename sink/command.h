#pragma once

#include "base/smtp_command.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hongyan::sink {

// `BDAT 86 LAST`, without the verb.
struct Chunk {
  std::uint64_t bytes = 0;
  bool last = false;
};
std::optional<Chunk> parse_chunk(std::string_view rest);

// The value of the Message-ID field in a header section, "" when there is none.
std::string message_id_of(std::string_view header);

}  // namespace hongyan::sink
