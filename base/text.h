#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hongyan {

// Text from peers or lists, safe for a terminal or a log line: C0, DEL and C1 control characters
// and bytes that are no UTF-8 become \xNN, \r, \n, \t.
std::string escape_control(std::string_view text);

// A CSV field (RFC 4180), quoted when needed; a cell a spreadsheet would take for a formula
// (= + - @ or a tab first) is prefixed with '.
std::string csv_cell(std::string_view text);

std::string ascii_lower(std::string_view text);
bool ascii_iequals(std::string_view a, std::string_view b);
std::string_view trim_blanks(std::string_view text);
std::vector<std::string_view> split(std::string_view text, char separator);

bool is_among(std::string_view word, std::span<const std::string> list);

bool is_valid_utf8(std::string_view text);

// The candidate closest to `word` when it is close enough to be a typing slip.
std::optional<std::string> nearest(std::string_view word, std::span<const std::string> candidates);

}  // namespace hongyan
