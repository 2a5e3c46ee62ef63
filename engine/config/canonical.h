#pragma once

#include "base/fault.h"
#include "engine/config/config.h"

#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// One text per fleet configuration: what `config publish` stores, engines compare and people see.
namespace hongyan::config {

// JSON of every value, defaults and built-in providers included; keys sorted, no blanks, equal
// for equal configurations. Of secrets it holds the place only.
std::string fleet_canonical_json(const Fleet& fleet);

// Reads what fleet_canonical_json wrote, checking it like a file. Secrets have no value.
std::expected<Fleet, Faults> fleet_from_json(std::string_view json);

// SHA-256 of the canonical JSON, 64 hexadecimal digits.
std::string fleet_digest(const Fleet& fleet);

// Dotted keys with different values, or present in one only, sorted: "channel.quality.price".
std::vector<std::string> differing_keys(const Fleet& a, const Fleet& b);

// One setting as people read it.
struct Setting {
  std::string key;    // "channel.quality.price"
  std::string value;  // as TOML writes it; URLs masked, secrets by place
};

// All settings of both parts, or only those that differ from an empty file's.
std::vector<Setting> list_settings(const Config& config, bool effective);

}  // namespace hongyan::config
