#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hongyan::imap {

// Names of folders on the wire are modified UTF-7 (RFC 3501 5.1.3): "&XfJT0ZAB-" is 已发送.

// Nothing when it is none, bit by bit: then the name stands for itself.
std::optional<std::string> decode_folder_name(std::string_view wire);
std::string encode_folder_name(std::string_view text);

}  // namespace hongyan::imap
