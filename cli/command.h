#pragma once

#include <CLI/CLI.hpp>

namespace hongyan::cli {

// Exit codes of CONTRACT 1.
enum Exit : int { kDone = 0, kFailed = 1, kUsage = 64, kTryLater = 75, kBadConfig = 78 };

// Each command's file defines one of these: it adds the subcommand with its flags, an example in
// the footer, and a callback that does the work and sets `exit_code`.
void add_serve(CLI::App& app, int& exit_code);
void add_deliver(CLI::App& app, int& exit_code);
void add_sink(CLI::App& app, int& exit_code);
void add_config(CLI::App& app, int& exit_code);

}  // namespace hongyan::cli
