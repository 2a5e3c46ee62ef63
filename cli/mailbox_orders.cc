// verify, set and unbind.
#include "cli/command.h"
#include "cli/mailbox_order.h"
#include "cli/mailbox_show.h"

#include <memory>

namespace hongyan::cli {
namespace {

struct Options {
  Common common;
  std::string op;
  std::string address;
  std::string tenant;
  std::string sync, interval, label, expires, notify;  // of set
};

int order(const Options& options) {
  const Common& common = options.common;
  auto session = Session::open(common);
  if (!session) return report_error(session.error(), common);
  const auto tenant = tenant_of(**session, options.tenant);
  if (!tenant) return refuse(common, kUsage, tenant.error().detail);
  const auto report = give_order(**session, options.op,
                                 {{"mailbox", options.address},
                                  {"tenant", *tenant},
                                  {"sync", options.sync},
                                  {"sync_interval", options.interval},
                                  {"label", options.label},
                                  {"expires", options.expires},
                                  {"notify", options.notify}});
  if (!report) return report_error(report.error(), common);
  return tell_order(*report, options.address, common, language_of_environment());
}

void add(CLI::App& mailbox, int& exit_code, const char* name, const char* what,
         const char* example) {
  CLI::App* command = mailbox.add_subcommand(name, what);
  const auto options = std::make_shared<Options>();
  options->op = std::string("mailbox.") + name;
  command->add_option("ADDRESS", options->address, "the mailbox")->required();
  command->add_option("--tenant", options->tenant, "whose it is; not needed when there is one");
  if (options->op == "mailbox.set") {
    command->add_option("--sync", options->sync, "on or off: read the mail that comes");
    command->add_option("--sync-interval", options->interval,
                        "between looks, where the server does not tell: 1m to 24h, 4m unless set");
    command->add_option("--label", options->label, "a name for people");
    command->add_option("--expires", options->expires,
                        "the day the code ends, as the provider shows it, or never");
    command->add_option("--notify", options->notify,
                        "who gets a mail of new messages and trouble: an address, or off");
  }
  add_common(*command, options->common);
  command->footer(std::string("Example:\n  ") + example);
  command->callback([options, &exit_code] { exit_code = order(*options); });
}

}  // namespace

void add_mailbox_orders(CLI::App& mailbox, int& exit_code) {
  add(mailbox, exit_code, "verify",
      "Log in with what is stored; a stopped mailbox goes on when that works",
      "hongyan mailbox verify lily@163.com");
  add(mailbox, exit_code, "set",
      "Change how a mailbox is read, its label, the day its code ends, who is told",
      "hongyan mailbox set lily@163.com --sync-interval 10m --expires 2027-05-20");
  add(mailbox, exit_code, "unbind", "Forget the secret at once; waiting letters are cancelled",
      "hongyan mailbox unbind lily@163.com");
}

}  // namespace hongyan::cli
