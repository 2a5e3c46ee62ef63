#pragma once

#include "base/log.h"
#include "engine/config/fleet.h"

#include <optional>
#include <string_view>

// The words of enums in files.
namespace hongyan::config {

std::string_view tls_mode_name(TlsMode mode);
std::optional<TlsMode> find_tls_mode(std::string_view name);

std::string_view level_name(log::Level level);
// Only what a person may choose: debug, info, warning, error.
std::optional<log::Level> find_level(std::string_view name);

}  // namespace hongyan::config
