#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hongyan::job {

// RFC 4648 section 4 with its padding; CR and LF between characters are skipped, as MIME tools
// write them.
std::optional<std::string> decode_base64(std::string_view text);

}  // namespace hongyan::job
