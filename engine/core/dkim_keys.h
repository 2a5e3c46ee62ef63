#pragma once

#include "base/fault.h"
#include "engine/config/config.h"
#include "engine/dkim/signer.h"

#include <expected>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace hongyan::engine {

// The private keys of the channels this engine sends for. Immutable; any thread.
class DkimKeys {
 public:
  // Reads them from their files: all faults at once. Channels of which no source is here need no
  // keys here.
  static std::expected<std::shared_ptr<const DkimKeys>, Faults> load(const config::Config& config);

  struct Made {
    std::string channel;
    std::string selector;
    WallTime at;
  };
  // When each key was made.
  const std::vector<Made>& made() const { return made_; }

  // Who signs a job's messages; null: nobody. `from_domain` is lower-case A-labels.
  std::shared_ptr<const dkim::Signer> signer_for(const std::string& channel,
                                                 std::string_view from_domain) const;

 private:
  std::map<std::string, std::vector<dkim::Identity>> channels_;
  std::vector<Made> made_;
};

}  // namespace hongyan::engine
