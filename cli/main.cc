#include "cli/command.h"

#include <csignal>

int main(int argc, char** argv) {
  using namespace hongyan::cli;
  std::signal(SIGPIPE, SIG_IGN);  // a closed peer or pipe is an error value, not a death
  CLI::App app("Hongyan (鸿雁): a mass-sending engine", "hongyan");
  app.require_subcommand(1);
  app.set_version_flag("--version", HONGYAN_VERSION);
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
  add_report(app, exit_code);
  add_doubt(app, exit_code);
  add_bill(app, exit_code);
  add_balance(app, exit_code);
  add_dead(app, exit_code);
  add_forget(app, exit_code);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? kDone : kUsage;
  }
  return exit_code;
}
