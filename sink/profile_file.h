#pragma once

#include "base/fault.h"
#include "sink/server.h"

#include <expected>
#include <string>
#include <vector>

namespace hongyan::sink {

// The listeners of the command line and of a profile (TOML; docs/sink.md has its keys). `addresses`
// are "ADDR", "ADDR:PORT", "[v6]:PORT" or ":PORT"; they behave as the profile's top level says.
// Each
// [[listener]] table of the profile adds one that differs from the top level in the keys it has.
// With neither: 127.0.0.1, any port. Every fault is reported.
std::expected<std::vector<Listener>, Faults> make_listeners(
    const std::vector<std::string>& addresses, const std::string& profile_file);

// The same from the text of a profile; `name` appears in faults.
std::expected<std::vector<Listener>, Faults> parse_listeners(
    const std::vector<std::string>& addresses, std::string_view profile, const std::string& name);

}  // namespace hongyan::sink
