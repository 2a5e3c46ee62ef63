#pragma once

#include "base/fault.h"
#include "mailbox/login/rules.h"

#include <expected>
#include <string>
#include <string_view>

namespace hongyan::login {

// Reads the rules: unknown keys, wrong types, missing parts, classes that are not there or that
// nobody uses, names that are there twice, a refused secret that would go to other servers, pauses
// without a length.
std::expected<RuleBook, Faults> read_rules(std::string_view text, const std::string& name);

}  // namespace hongyan::login
