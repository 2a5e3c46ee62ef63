#include "engine/core/dkim_keys.h"

#include "base/text.h"
#include "engine/dkim/choose.h"

#include <algorithm>
#include <filesystem>

namespace hongyan::engine {

std::expected<std::shared_ptr<const DkimKeys>, Faults> DkimKeys::load(
    const config::Config& config) {
  auto keys = std::make_shared<DkimKeys>();
  Faults faults;
  for (const auto& [name, channel] : config.fleet.channels) {
    if (std::ranges::none_of(channel.sources, [&](const std::string& source) {
          return is_among(source, config.local.sources_here);
        }))
      continue;
    for (std::size_t i = 0; i < channel.dkim.size(); ++i) {
      const config::DkimKey& one = channel.dkim[i];
      const std::filesystem::path path = std::filesystem::path(config.local.folder) / one.key;
      auto key = dkim::load_key(path);
      if (key) {
        keys->channels_[name].push_back({one.domain, one.selector, std::move(*key)});
        if (const auto at = dkim::key_made_at(path))
          keys->made_.push_back({name, one.selector, *at});
      } else {
        faults.push_back({"channel." + name + ".dkim[" + std::to_string(i) + "].key",
                          one.key + " " + key.error().detail, ""});
      }
    }
  }
  if (!faults.empty()) return std::unexpected(std::move(faults));
  return keys;
}

std::shared_ptr<const dkim::Signer> DkimKeys::signer_for(const std::string& channel,
                                                         std::string_view from_domain) const {
  const auto at = channels_.find(channel);
  if (at == channels_.end()) return nullptr;
  return std::make_shared<dkim::Signer>(dkim::identities_for(at->second, from_domain));
}

}  // namespace hongyan::engine
