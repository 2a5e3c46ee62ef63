#pragma once

#include "base/json.h"

#include <string>

namespace hongyan::job {

// The one text that all equal JSON documents share (RFC 8785): members sorted by UTF-16 code units,
// numbers as ECMAScript prints them, no blanks. Fails on a number outside IEEE 754 doubles.
std::expected<std::string, Fault> canonical_json(const Json& value);

// Lower-case hexadecimal SHA-256.
std::string sha256_hex(std::string_view bytes);

// A finite double as ECMAScript's Number::toString prints it.
std::string ecmascript_number(double value);

}  // namespace hongyan::job
