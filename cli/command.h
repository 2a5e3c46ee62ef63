#pragma once

#include <CLI/CLI.hpp>

#include <string>

namespace hongyan::cli {

// Exit codes of CONTRACT 1.
enum Exit : int { kDone = 0, kFailed = 1, kUsage = 64, kTryLater = 75, kBadConfig = 78 };

// What every client of Redis takes.
struct Common {
  std::string redis = redis_of_environment();
  bool json = false;

  static std::string redis_of_environment();
};
// --redis URL (or HONGYAN_REDIS) and --json.
void add_common(CLI::App& command, Common& common);

// Each command's file defines one of these: it adds the subcommand with its flags, an example in
// the footer, and a callback that does the work and sets `exit_code`.
void add_serve(CLI::App& app, int& exit_code);
void add_demo(CLI::App& app, int& exit_code);
void add_deliver(CLI::App& app, int& exit_code);
void add_sink(CLI::App& app, int& exit_code);
void add_config(CLI::App& app, int& exit_code);

void add_submit(CLI::App& app, int& exit_code);
void add_list(CLI::App& app, int& exit_code);
void add_show(CLI::App& app, int& exit_code);
void add_pause(CLI::App& app, int& exit_code);
void add_resume(CLI::App& app, int& exit_code);
void add_cancel(CLI::App& app, int& exit_code);
void add_hold(CLI::App& app, int& exit_code);
void add_status(CLI::App& app, int& exit_code);
void add_report(CLI::App& app, int& exit_code);
void add_doubt(CLI::App& app, int& exit_code);
void add_bill(CLI::App& app, int& exit_code);
void add_balance(CLI::App& app, int& exit_code);
void add_dead(CLI::App& app, int& exit_code);
void add_forget(CLI::App& app, int& exit_code);
void add_check(CLI::App& app, int& exit_code);
void add_suppress(CLI::App& app, int& exit_code);
void add_classify(CLI::App& app, int& exit_code);
void add_preview(CLI::App& app, int& exit_code);
void add_render(CLI::App& app, int& exit_code);
void add_dkim(CLI::App& app, int& exit_code);
void add_vault(CLI::App& app, int& exit_code);
void add_top(CLI::App& app, int& exit_code);
void add_why(CLI::App& app, int& exit_code);
void add_trace(CLI::App& app, int& exit_code);
void add_tls_report(CLI::App& app, int& exit_code);
void add_mailbox(CLI::App& app, int& exit_code);
// Parts of `mailbox`.
void add_mailbox_bind(CLI::App& mailbox, int& exit_code);
void add_mailbox_inbox(CLI::App& mailbox, int& exit_code);
void add_mailbox_list(CLI::App& mailbox, int& exit_code);
void add_mailbox_oauth2(CLI::App& mailbox, int& exit_code);
void add_mailbox_orders(CLI::App& mailbox, int& exit_code);
void add_mailbox_providers(CLI::App& mailbox, int& exit_code);
void add_mailbox_send(CLI::App& mailbox, int& exit_code);
void add_plan(CLI::App& app, int& exit_code);
// Parts of `plan`.
void add_plan_write(CLI::App& plan, int& exit_code);
void add_plan_add(CLI::App& plan, int& exit_code);
void add_plan_turn(CLI::App& plan, int& exit_code);
void add_plan_view(CLI::App& plan, int& exit_code);
// Under `config`: check and show are in config.cc.
void add_config_publish(CLI::App& config, int& exit_code);

}  // namespace hongyan::cli
