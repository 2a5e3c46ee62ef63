// create and edit: what is wrong with a plan is told by the lines of its file.
#include "cli/command.h"
#include "cli/judge_campaign.h"
#include "cli/mailbox_order.h"
#include "cli/output.h"
#include "cli/plan_answer.h"
#include "engine/job/campaign.h"

#include <iostream>
#include <memory>

namespace hongyan::cli {
namespace {

struct Options {
  Common common;
  std::string op;
  std::string file;
};

int write(const Options& options) {
  const Common& common = options.common;
  const auto plan = job::load_campaign(options.file);
  if (!plan) return print_faults(common, kFailed, plan.error());
  auto session = Session::open(common);
  if (!session) return report_error(session.error(), common);
  const auto answer = give_order(**session, options.op, {{"document", plan->json()}});
  if (!answer) return report_error(answer.error(), common);
  if (!*answer) return nobody_answered(common);
  if (const Faults faults = faults_of(**answer); !faults.empty())
    return print_faults(common, kFailed, plan->locate(faults));
  if (common.json) {
    print_json(**answer);
    return kDone;
  }
  const std::string id = text_at(**answer, "plan");
  std::cout << "plan " << id << ": " << text_at(**answer, "done") << "\nnext: hongyan plan add "
            << id << " --contacts list.csv\n";
  return kDone;
}

void add(CLI::App& plan, int& exit_code, const char* name, const char* what, const char* example) {
  CLI::App* command = plan.add_subcommand(name, what);
  const auto options = std::make_shared<Options>();
  options->op = std::string("plan.") + name;
  command->add_option("PLAN.toml", options->file, "the plan (docs/plan.schema.json)")->required();
  add_common(*command, options->common);
  command->footer(std::string("Example:\n  ") + example);
  command->callback([options, &exit_code] { exit_code = write(*options); });
}

}  // namespace

void add_plan_write(CLI::App& plan, int& exit_code) {
  add(plan, exit_code, "create", "Make a plan; nothing is sent before contacts are added",
      "hongyan plan create welcome.toml");
  add(plan, exit_code, "edit", "Change the steps that a contact has not got yet",
      "hongyan plan edit welcome.toml");
}

}  // namespace hongyan::cli
