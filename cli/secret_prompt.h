#pragma once

#include "base/error.h"
#include "base/secret.h"

#include <string_view>

namespace hongyan::cli {

// A secret from standard input, into nothing but a Secret. At a terminal: asks with `prompt` on
// standard error and shows nothing of what is typed (Backspace and Ctrl-U work). Otherwise: all
// that comes, without the line end at its end. Errors: "no-secret": nothing came, Ctrl-C, or more
// than `most` bytes.
Result<Secret> read_secret(std::string_view prompt, std::size_t most);

}  // namespace hongyan::cli
