#pragma once

#include "cli/session.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hongyan::cli {

// What came back for a recipient after its message was accepted.
struct LateMark {
  std::string_view kind;  // "bounce", "complaint" or "unsubscribe"
  std::int64_t at_ms = 0;
  std::string status;  // enhanced code of a bounce, or empty
};

// Asks for the marks of recipients [first, last) of a chunk.
redis::Command ask_late_marks(const std::string& id, std::uint64_t chunk, std::size_t first,
                              std::size_t last);
// Those of one of them, counted from the first, out of the answer.
std::vector<LateMark> late_marks_of(const redis::Reply& answer, std::uint32_t index);

// "bounce 5.1.1, complaint"; empty: nothing.
std::string late_text(const std::vector<LateMark>& marks);

}  // namespace hongyan::cli
