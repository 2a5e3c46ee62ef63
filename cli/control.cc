#include "cli/control_wait.h"
#include "cli/engines.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/usage.h"

#include <iostream>

namespace hongyan::cli {
namespace {

struct Options {
  Common common;
  Operation operation;
};

int tell(const Options& options, const store::JobView& job) {
  const std::string state = job.text("state");
  const std::string reason = job.text("reason");
  if (options.common.json) {
    print_json(Json::object({{"ok", Json::boolean(true)},
                             {"job", Json::string(options.operation.job)},
                             {"op", Json::string(options.operation.op)},
                             {"state", Json::string(state)},
                             {"reason", Json::string(reason)}}));
    return kDone;
  }
  const Progress p = Progress::of(job);
  Facts facts;
  facts.add("job", options.operation.job);
  facts.add("state", reason.empty() ? state : state + ": " + reason);
  facts.add("sent", with_commas(p.delivered) + " of " + with_commas(p.total) + " delivered, " +
                        with_commas(p.waiting) + " waiting");
  if (options.operation.op != "resume" && p.in_flight > 0)
    facts.add("in flight", with_commas(p.in_flight) + " on the wire still finish");
  facts.print(std::cout);
  return kDone;
}

int control(Options options) {
  const Common& common = options.common;
  auto session = Session::open(common);
  if (!session) return report_error(session.error(), common);
  options.operation.actor = actor();
  auto effect = carry_out(**session, options.operation);
  if (!effect) return report_error(effect.error(), common);
  const std::string& id = options.operation.job;
  switch (effect->kind) {
    case Effect::Kind::kRefused:
      return refuse(common, kFailed, id + ": " + effect->why);
    case Effect::Kind::kKept:
      return refuse(common, kTryLater,
                    (*session)->unknown_job(id) + " (the " + options.operation.op +
                        " is kept for 24 h and applied should the job arrive)");
    case Effect::Kind::kNone: {
      const auto engines = load_engines(**session);
      const bool live = engines && std::ranges::any_of(*engines, &Engine::live);
      return refuse(common, kTryLater,
                    std::string("no effect within 5 s: ") +
                        (live ? "the engines are busy or not ready; see hongyan status"
                              : "no engine is running") +
                        ". The " + options.operation.op + " stays queued and will be applied");
    }
    case Effect::Kind::kApplied:
      break;
  }
  auto job = (*session)->load_job(id);
  if (!job) return report_error(job.error(), common);
  return tell(options, *job);
}

void add(CLI::App& app, int& exit_code, const std::string& op, const std::string& what,
         const std::string& example) {
  CLI::App* command = app.add_subcommand(op, what);
  const auto options = std::make_shared<Options>();
  options->operation.op = op;
  command->add_option("JOB", options->operation.job, "the job's id")->required();
  command->add_option("--reason", options->operation.reason, "why; people will read it");
  if (op == "resume")
    command
        ->add_option("--budget", options->operation.budget,
                     "after a trip: send at most so many messages, then trip again")
        ->transform(at_least_one());
  add_common(*command, options->common);
  command->footer("Waits up to 5 s for the effect (exit 75 when there is none).\nExample:\n  " +
                  example);
  command->callback([options, &exit_code] { exit_code = control(*options); });
}

}  // namespace

void add_pause(CLI::App& app, int& exit_code) {
  add(app, exit_code, "pause", "Stop sending a job; what is on the wire finishes",
      "hongyan pause spring-1 --reason 'wrong subject'");
}
void add_resume(CLI::App& app, int& exit_code) {
  add(app, exit_code, "resume", "Go on with a paused or tripped job",
      "hongyan resume spring-1 --reason 'list checked' --budget 500");
}
void add_cancel(CLI::App& app, int& exit_code) {
  add(app, exit_code, "cancel", "End a job; what is unsent is never sent",
      "hongyan cancel spring-1 --reason 'campaign withdrawn'");
}

}  // namespace hongyan::cli
