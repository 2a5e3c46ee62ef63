#include "embedded/configs.h"
#include "engine/config/config.h"
#include "engine/config/describe_fleet.h"
#include "engine/config/reader.h"
#include "engine/config/verify.h"

#include <array>
#include <fstream>
#include <iterator>
#include <thread>
#include <unistd.h>

namespace hongyan::config {
namespace {

// The providers and sign-ins that travel in the binary; tests load each, so a fault here is a bug
// of the build.
void read_embedded(Fleet& fleet, Report& report) {
  for (const embedded::File& file : embedded::configs_files()) {
    const bool sign_ins = file.path == "configs/oauth2.toml";
    if (!sign_ins && !file.path.starts_with("configs/providers/")) continue;
    const auto node = parse_toml(file.text, std::string(file.path));
    if (!node) {
      report.faults.insert(report.faults.end(), node.error().begin(), node.error().end());
      continue;
    }
    Reader reader(*node, "", report);
    if (sign_ins)
      describe_oauth2(reader, fleet);
    else
      describe_providers(reader, fleet);
    reader.finish();
  }
}

}  // namespace

Surroundings Surroundings::of_this_host(std::filesystem::path folder) {
  std::array<char, 256> name{};
  gethostname(name.data(), name.size() - 1);
  return {.host_name = name.data(),
          .cores = static_cast<int>(std::thread::hardware_concurrency()),
          .folder = std::move(folder)};
}

std::expected<Config, Faults> load_config(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file || std::filesystem::is_directory(path))
    return std::unexpected(Faults{{path.string(), "cannot be read", "is the path right?"}});
  return load_config_text(text, path.string(), Surroundings::of_this_host(path.parent_path()));
}

std::expected<Config, Faults> load_config_text(std::string_view text, const std::string& name,
                                               const Surroundings& surroundings) {
  const auto node = parse_toml(text, name);
  if (!node) return std::unexpected(node.error());
  Report report;
  report.document = name;
  Config config;
  read_embedded(config.fleet, report);
  Reader reader(*node, "", report);
  describe_local(reader, config.local);
  describe_fleet(reader, config.fleet);
  reader.finish();
  verify_fleet(config.fleet, report);
  verify_local(config.local, config.fleet, surroundings, report);
  read_secrets(config, surroundings, report);
  if (!report.faults.empty()) return std::unexpected(std::move(report.faults));
  return config;
}

std::map<std::string, Provider> built_in_providers() {
  Fleet fleet;
  Report report;
  read_embedded(fleet, report);
  return std::move(fleet.providers);
}

std::string_view demo_config() {
  return embedded::configs_demo_toml;
}

std::string mask_url(std::string_view url) {
  const auto scheme = url.find("://");
  if (scheme == std::string_view::npos) return std::string(url);
  const auto at = url.rfind('@');  // the last one: a password may hold any character
  const auto colon = url.find(':', scheme + 3);
  if (at == std::string_view::npos || colon == std::string_view::npos || colon > at)
    return std::string(url);
  return std::string(url.substr(0, colon + 1)) + "***" + std::string(url.substr(at));
}

}  // namespace hongyan::config
