#include "cli/command.h"

namespace hongyan::cli {

void add_plan(CLI::App& app, int& exit_code) {
  CLI::App* command =
      app.add_subcommand("plan", "Follow-up plans: several mails to each contact until he answers");
  command->require_subcommand(1);
  command->footer("Example:\n  hongyan plan create welcome.toml");
  add_plan_write(*command, exit_code);
  add_plan_add(*command, exit_code);
  add_plan_turn(*command, exit_code);
  add_plan_view(*command, exit_code);
}

}  // namespace hongyan::cli
