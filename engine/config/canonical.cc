#include "engine/config/canonical.h"

#include "engine/config/describe_fleet.h"
#include "engine/config/reader.h"
#include "engine/config/verify.h"
#include "engine/config/writer.h"

#include <openssl/sha.h>

#include <algorithm>
#include <array>

namespace hongyan::config {
namespace {

Node to_node(const Fleet& fleet) {
  Writer writer;
  describe_fleet(writer, fleet);
  return writer.take();
}

// Both parts in one table, as in the file.
Node to_node(const Config& config) {
  Writer writer;
  describe_local(writer, config.local);
  describe_fleet(writer, config.fleet);
  return writer.take();
}

}  // namespace

std::string fleet_canonical_json(const Fleet& fleet) {
  return to_json(to_node(fleet));
}

std::expected<Fleet, Faults> fleet_from_json(std::string_view json) {
  const auto node = parse_json(json, "published configuration");
  if (!node) return std::unexpected(node.error());
  Report report;
  report.document = "published configuration";
  Fleet fleet;
  Reader reader(*node, "", report);
  describe_fleet(reader, fleet);
  reader.finish();
  verify_fleet(fleet, report);
  if (!report.faults.empty()) return std::unexpected(std::move(report.faults));
  return fleet;
}

std::string fleet_digest(const Fleet& fleet) {
  const std::string json = fleet_canonical_json(fleet);
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest;
  SHA256(reinterpret_cast<const unsigned char*>(json.data()), json.size(), digest.data());
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const unsigned char byte : digest) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

std::vector<std::string> differing_keys(const Fleet& a, const Fleet& b) {
  const auto left = flatten(to_node(a));
  const auto right = flatten(to_node(b));
  std::vector<std::string> keys;
  for (const auto& [key, value] : left)
    if (const auto at = right.find(key); at == right.end() || at->second != value)
      keys.push_back(key);
  for (const auto& [key, value] : right)
    if (!left.contains(key)) keys.push_back(key);
  std::ranges::sort(keys);
  return keys;
}

std::vector<Setting> list_settings(const Config& config, bool effective) {
  std::map<std::string, std::string> defaults;
  if (!effective) {
    const auto empty = load_config_text("", "defaults", Surroundings::of_this_host({}));
    if (empty) defaults = flatten(to_node(*empty));
  }
  std::vector<Setting> settings;
  for (const auto& [key, value] : flatten(to_node(config)))
    if (const auto at = defaults.find(key); at == defaults.end() || at->second != value)
      settings.push_back({key, value});
  return settings;
}

}  // namespace hongyan::config
