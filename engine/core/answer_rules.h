#pragma once

#include "base/fault.h"
#include "engine/answer/classifier.h"
#include "engine/config/config.h"

#include <expected>
#include <memory>

namespace hongyan::engine {

// What replies mean to this engine: the built-in rules, and those of `engine.bounce_rules`. Faults
// of both, all at once; a rule for a receiver that has no name in the configuration is one.
std::expected<std::shared_ptr<const answer::Classifier>, Faults> load_classifier(
    const config::Config& config);

}  // namespace hongyan::engine
