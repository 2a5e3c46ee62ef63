#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace hongyan {

// How many bytes at the front are ASCII. Eight bytes a step: lists are mostly ASCII and long.
std::size_t ascii_prefix(std::string_view text);

// How many bytes at the front are whole, well-formed UTF-8 sequences.
std::size_t utf8_prefix(std::string_view text);

// True when `text`, which begins where a sequence should, could be the front of a longer one.
bool is_cut_utf8_sequence(std::string_view text);

// Every byte that belongs to no well-formed sequence becomes U+FFFD.
std::string replace_invalid_utf8(std::string_view text);

// Appends a code point, U+0000 to U+10FFFF; whether it may stand in text is the caller's business.
void append_utf8(std::string& out, char32_t point);

// Code points in valid UTF-8.
std::size_t count_code_points(std::string_view text);

}  // namespace hongyan
