#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace hongyan::liquid {

// Characters (code points) of valid UTF-8. All text of the language is that.

// Bytes of the first `count` characters.
std::size_t bytes_of(std::string_view text, std::size_t count);
// The character at the front; `text` is not empty.
std::string_view first_character(std::string_view text);
std::string_view last_character(std::string_view text);

std::string upcase(std::string_view text);
std::string downcase(std::string_view text);
// The first character up, the others down.
std::string capitalize(std::string_view text);

bool is_space(char c);  // blanks and line ends of ASCII
bool is_alnum(char c);
std::string_view strip_left(std::string_view text);  // and NUL, as the reference does
std::string_view strip_right(std::string_view text);

}  // namespace hongyan::liquid
