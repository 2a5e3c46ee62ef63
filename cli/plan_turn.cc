// pause, resume, stop.
#include "cli/command.h"
#include "cli/judge_campaign.h"
#include "cli/mailbox_order.h"
#include "cli/output.h"
#include "cli/plan_answer.h"

#include <iostream>
#include <memory>

namespace hongyan::cli {
namespace {

struct Options {
  Common common;
  std::string op;
  std::string plan;
  std::string reason;
};

int turn(const Options& options) {
  const Common& common = options.common;
  auto session = Session::open(common);
  if (!session) return report_error(session.error(), common);
  const auto answer =
      give_order(**session, options.op, {{"plan", options.plan}, {"reason", options.reason}});
  if (!answer) return report_error(answer.error(), common);
  if (!*answer) return nobody_answered(common);
  if (const Faults faults = faults_of(**answer); !faults.empty())
    return print_faults(common, kFailed, faults);
  if (common.json)
    print_json(**answer);
  else
    std::cout << "plan " << options.plan << ": " << text_at(**answer, "state") << '\n';
  return kDone;
}

void add(CLI::App& plan, int& exit_code, const char* name, const char* what, const char* example) {
  CLI::App* command = plan.add_subcommand(name, what);
  const auto options = std::make_shared<Options>();
  options->op = std::string("plan.") + name;
  command->add_option("PLAN", options->plan, "the plan's id")->required();
  command->add_option("--reason", options->reason, "why; people will read it");
  add_common(*command, options->common);
  command->footer(std::string("Example:\n  ") + example);
  command->callback([options, &exit_code] { exit_code = turn(*options); });
}

}  // namespace

void add_plan_turn(CLI::App& plan, int& exit_code) {
  add(plan, exit_code, "pause", "Hand no further steps over; jobs that were still go out",
      "hongyan plan pause welcome --reason 'wrong price in step 2'");
  add(plan, exit_code, "resume", "Go on", "hongyan plan resume welcome");
  add(plan, exit_code, "stop", "End a plan for good", "hongyan plan stop welcome");
}

}  // namespace hongyan::cli
