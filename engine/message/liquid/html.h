#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace hongyan::liquid {

// `& < > " '` as entities. False when `out` would grow beyond `limit`.
bool append_escaped(std::string_view text, std::string& out, std::size_t limit);

}  // namespace hongyan::liquid
