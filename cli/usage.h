#pragma once

#include <CLI/CLI.hpp>

#include <optional>
#include <span>
#include <string>

namespace hongyan::cli {

// A sentence about the first command or flag among the words that does not exist, with the one that
// was probably meant; nothing when all exist (the parser's own complaint is better then).
std::optional<std::string> unknown_word(const CLI::App& app, std::span<const char* const> words);

// A number from 1 on, with a readable complaint (CLI::PositiveNumber prints 300 digits).
CLI::Validator at_least_one();

}  // namespace hongyan::cli
