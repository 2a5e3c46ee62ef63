#include "store/hold.h"

#include "base/text.h"
#include "cli/control_wait.h"
#include "cli/engines.h"
#include "cli/output.h"

#include <algorithm>
#include <iostream>
#include <thread>

namespace hongyan::cli {
namespace {

constexpr Millis kPatience{5000};

struct Options {
  Common common;
  std::string reason;
  bool release = false;
};

// How many engines run, once all of them know; a negative number: not within 5 s.
Result<int> wait_for_engines(Session& session, bool held) {
  const auto until = std::chrono::steady_clock::now() + kPatience;
  for (;;) {
    auto engines = load_engines(session);
    if (!engines) return std::unexpected(engines.error());
    std::erase_if(*engines, [](const Engine& engine) { return !engine.live; });
    if (std::ranges::all_of(*engines, [&](const Engine& one) { return one.holds == held; }))
      return static_cast<int>(engines->size());
    if (std::chrono::steady_clock::now() > until) return -1;
    std::this_thread::sleep_for(Millis{50});
  }
}

int tell(const Common& common, const std::optional<store::Hold>& hold, const std::string& after) {
  if (common.json) {
    Json object = Json::object({{"ok", Json::boolean(true)}, {"held", Json::boolean(bool(hold))}});
    if (hold) {
      object.set("at", json_number(hold->at_ms));
      object.set("actor", Json::string(hold->actor));
      object.set("reason", Json::string(hold->reason));
    }
    print_json(object);
    return kDone;
  }
  std::cout << escape_control(hold ? "sending is " + hold->sentence() : "sending is not held")
            << after << '\n';
  return kDone;
}

int hold(const Options& options) {
  const Common& common = options.common;
  if (options.release && !options.reason.empty())
    return refuse(common, kUsage, "--reason is why sending is held; --release needs none");
  auto session = Session::open(common);
  if (!session) return report_error(session.error(), common);
  store::JobStore& jobs = (*session)->jobs();
  const bool change = options.release || !options.reason.empty();
  if (change) {
    const auto now = (*session)->now_ms();
    if (!now) return report_error(now.error(), common);
    auto done = options.release
                    ? (*session)->run(store::release_hold(jobs))
                    : (*session)->run(store::set_hold(jobs, {*now, actor(), options.reason}));
    if (!done) return report_error(done.error(), common);
  }
  auto stands = (*session)->run(store::load_hold(jobs));
  if (!stands) return report_error(stands.error(), common);
  if (!change) return tell(common, *stands, "");
  auto engines = wait_for_engines(**session, stands->has_value());
  if (!engines) return report_error(engines.error(), common);
  if (*engines < 0)
    return refuse(common, kTryLater,
                  "not every engine has noticed within 5 s; it stands, see hongyan status");
  return tell(common, *stands, *engines == 0 ? " (no engine is running)" : "");
}

}  // namespace

void add_hold(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand(
      "hold", "Stop all sending, of every job and mailbox, until it is released");
  const auto options = std::make_shared<Options>();
  command->add_option("--reason", options->reason, "why; holds. Without it: tells what stands");
  command->add_flag("--release", options->release, "sending goes on");
  add_common(*command, options->common);
  command->footer(
      "Engines go on with all else: they take jobs in, plan, pause and cancel. What is on the wire "
      "finishes.\nExample:\n  hongyan hold --reason 'restoring Redis'");
  command->callback([options, &exit_code] { exit_code = hold(*options); });
}

}  // namespace hongyan::cli
