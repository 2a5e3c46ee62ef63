#pragma once

#include "base/fault.h"
#include "engine/answer/classifier.h"
#include "engine/config/config.h"

#include <expected>
#include <memory>
#include <string>
#include <vector>

namespace hongyan::engine {

// What replies mean to this engine: the built-in rules, and those of `engine.bounce_rules`. Faults
// of both, all at once; a rule for a receiver that has no name in the configuration is one.
std::expected<std::shared_ptr<const answer::Classifier>, Faults> load_classifier(
    const config::Config& config);
// Likewise, of a folder alone. The built-in rules were checked against their examples when they
// were built; with rules of one's own all are checked again.
std::expected<std::shared_ptr<const answer::Classifier>, Faults> load_classifier(
    const std::string& own_rules, const std::vector<std::string>& providers);

}  // namespace hongyan::engine
