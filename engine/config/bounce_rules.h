#pragma once

#include "base/fault.h"
#include "engine/answer/rules.h"

#include <expected>
#include <filesystem>

namespace hongyan::config {

// The rules that travel in the binary (configs/bounces/*.toml). A file of `folder` stands in for
// the one of the same name, or adds a family; empty: none.
//
// All faults at once, by file and line: unknown keys, wrong types, missing parts. What the rules
// mean together is for answer::Classifier to judge.
std::expected<answer::RuleBook, Faults> load_bounce_rules(const std::filesystem::path& folder = {});

}  // namespace hongyan::config
