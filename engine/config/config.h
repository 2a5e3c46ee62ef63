#pragma once

#include "base/fault.h"
#include "engine/config/fleet.h"
#include "engine/config/local.h"

#include <expected>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>

namespace hongyan::config {

struct Config {
  Local local;
  Fleet fleet;
};

// What a configuration takes from its surroundings, so that tests own it.
struct Surroundings {
  std::string host_name;
  int cores = 1;
  std::filesystem::path folder;  // relative paths of secrets start here
  static Surroundings of_this_host(std::filesystem::path folder);
};

// Reads a file: every fault at once, each with file:line. Secrets this engine needs are read too.
std::expected<Config, Faults> load_config(const std::filesystem::path& path);

// The same from memory; `name` stands for the file in faults.
std::expected<Config, Faults> load_config_text(std::string_view text, const std::string& name,
                                               const Surroundings& surroundings);

// configs/providers as they were built in, by name.
std::map<std::string, Provider> built_in_providers();

// configs/demo.toml as it was built in.
std::string_view demo_config();

// A Redis URL fit for people and logs: its password becomes ***.
std::string mask_url(std::string_view url);

}  // namespace hongyan::config
