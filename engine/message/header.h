#pragma once

#include "base/clock.h"

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace hongyan::message {

// Header fields (RFC 5322, 2047, 2231). Lines are folded at 78; an encoded word's line at 76.

// What may stand in a header: each run of blanks and control characters (C0, DEL, C1) becomes one
// space, none at the ends. So no value can end a line, and folding never makes a blank line.
void append_clean(std::string_view text, std::string& out);
bool holds_control(std::string_view text);

// "Name: value\r\n" of unstructured text that append_clean() made. Words that are printable ASCII
// stay as they are at both ends; what lies between the first and the last that are not becomes
// encoded words, B or Q, whichever is shorter, split between characters.
void append_unstructured(std::string_view name, std::string_view clean, std::string& out);

// "Name: Display <address>\r\n"
void append_mailbox(std::string_view name, std::string_view display, std::string_view address,
                    std::string& out);

// "Name: value\r\n" of ASCII that must not be encoded; folded before "<" of a further URI.
// Bytes that no URI holds are percent-encoded by append_uri_escaped().
void append_uris(std::string_view name, std::string_view value, std::string& out);
void append_uri_escaped(std::string_view value, std::string& out);

// "Mon, 05 Jan 2026 08:00:00 +0800". False, and nothing appended, for years outside 1900 to 9999.
bool append_date(WallTime at, std::chrono::minutes utc_offset, std::string& out);

// `; filename=...` folded onto lines of its own; RFC 2231 where it is not short plain ASCII.
void append_filename(std::string_view filename, std::string& out);

// A bare addr-spec that can stand in a header by itself: one mailbox and nothing else. Whether it
// is a good address is for others to say.
bool is_lone_address(std::string_view address);
bool is_dot_atom(std::string_view text);
bool is_ascii(std::string_view text);

}  // namespace hongyan::message
