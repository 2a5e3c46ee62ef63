#include "base/text.h"
#include "cli/command.h"
#include "cli/usage.h"

#include <algorithm>
#include <csignal>
#include <iostream>

int main(int argc, char** argv) {
  using namespace hongyan::cli;
  std::signal(SIGPIPE, SIG_IGN);  // a closed peer or pipe is an error value, not a death
  CLI::App app("Hongyan (鸿雁): a mass-sending engine", "hongyan");
  app.require_subcommand(1);
  app.set_version_flag("--version", HONGYAN_VERSION);
  app.footer(
      "Clients find Redis by --redis URL or HONGYAN_REDIS. Exit: 0 done, 1 failed, 64 usage,\n"
      "75 try later, 78 bad configuration. hongyan COMMAND --help has flags and an example.\n"
      "Example:\n  hongyan demo");
  int exit_code = kDone;
  add_serve(app, exit_code);
  add_config(app, exit_code);
  add_demo(app, exit_code);
  add_deliver(app, exit_code);
  add_sink(app, exit_code);
  add_submit(app, exit_code);
  add_status(app, exit_code);
  add_list(app, exit_code);
  add_show(app, exit_code);
  add_pause(app, exit_code);
  add_resume(app, exit_code);
  add_cancel(app, exit_code);
  add_hold(app, exit_code);
  add_report(app, exit_code);
  add_doubt(app, exit_code);
  add_bill(app, exit_code);
  add_balance(app, exit_code);
  add_dead(app, exit_code);
  add_forget(app, exit_code);
  add_check(app, exit_code);
  add_suppress(app, exit_code);
  add_classify(app, exit_code);
  add_preview(app, exit_code);
  add_render(app, exit_code);
  add_dkim(app, exit_code);
  add_mailbox(app, exit_code);
  add_plan(app, exit_code);
  add_vault(app, exit_code);
  add_top(app, exit_code);
  add_why(app, exit_code);
  add_trace(app, exit_code);
  add_tls_report(app, exit_code);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    const std::span<const char* const> words(argv + 1, argv + std::max(argc, 1));
    if (const auto unknown = unknown_word(app, words);
        unknown && e.get_exit_code() != static_cast<int>(CLI::ExitCodes::Success)) {
      std::cerr << "hongyan: " << hongyan::escape_control(*unknown) << '\n';
      return kUsage;
    }
    return app.exit(e) == 0 ? kDone : kUsage;
  }
  return exit_code;
}
