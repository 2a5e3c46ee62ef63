#include "cli/command.h"

namespace hongyan::cli {

void add_mailbox(CLI::App& app, int& exit_code) {
  CLI::App* command =
      app.add_subcommand("mailbox", "Users' own mailboxes, for letters to one person at a time");
  command->require_subcommand(1);
  command->footer("Example:\n  hongyan mailbox providers qq");
  add_mailbox_providers(*command, exit_code);
  add_mailbox_bind(*command, exit_code);
  add_mailbox_inbox(*command, exit_code);
  add_mailbox_list(*command, exit_code);
  add_mailbox_orders(*command, exit_code);
  add_mailbox_send(*command, exit_code);
}

}  // namespace hongyan::cli
