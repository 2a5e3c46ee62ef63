#include "cli/command.h"
#include "cli/demo_books.h"
#include "cli/demo_job.h"
#include "cli/demo_show.h"
#include "cli/demo_stage.h"
#include "cli/live_line.h"
#include "cli/meter.h"
#include "cli/output.h"

#include <csignal>
#include <ctime>
#include <iostream>
#include <optional>
#include <pthread.h>
#include <unistd.h>

namespace hongyan::cli {
namespace {

using namespace demo;

constexpr std::chrono::milliseconds kTick{50};
constexpr Millis kBetweenLines{1000};
constexpr std::chrono::seconds kSettlePatience{5};
constexpr std::uint64_t kBadRows = 2000;
constexpr const char* kTenant = "acme";

// Ctrl-C ends the demo, it does not leave a Redis and a folder behind.
class Interrupt {
 public:
  Interrupt() {
    sigemptyset(&set_);
    sigaddset(&set_, SIGINT);
    sigaddset(&set_, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &set_, nullptr);
  }
  // Sleeps. True: somebody wants an end.
  bool wait(std::chrono::milliseconds span) const {
    const std::timespec time{span.count() / 1000, span.count() % 1000 * 1'000'000};
    return sigtimedwait(&set_, nullptr, &time) > 0;
  }
  void wait_forever() const { sigwaitinfo(&set_, nullptr); }

 private:
  sigset_t set_{};
};

// One run of the demo; each act returns false when it must end, with the reason told.
class Play {
 public:
  Play(std::uint64_t rows, bool keep, bool json)
      : rows_(rows), keep_(keep), json_(json), out_(json ? silent_ : std::cout) {}

  int run() {
    auto stage = Stage::raise();
    if (!stage) return complain(stage.error());
    stage_ = std::move(*stage);
    show_stage(out_, *stage_);
    if (!campaign() || !bad_list() || !compare()) return kFailed;
    const bool agreed = show_checks(out_, checks_);
    if (json_) print_json(summary(agreed));
    if (keep_) {
      show_commands(out_, *stage_, good_.id, bad_.id);
      interrupt_.wait_forever();
    }
    return agreed ? kDone : kFailed;
  }

 private:
  struct Act {
    std::string id;
    store::JobView job;
    JobReport report;
    Rates rates;
  };

  int complain(const Error& error) const {
    const std::string what = error.detail.empty() ? std::string(error.code) : error.detail;
    if (json_)
      print_json(Json::object({{"error", Json::string(what)}}));
    else
      std::cout << "✗ " << what << std::endl;
    return kFailed;
  }

  bool campaign() {
    good_.id = "spring";
    if (!perform(good_, {good_.id, "demo.toml", "demo.csv", rows_})) return false;
    show_report(out_, *stage_, good_.report, good_.rates);
    return true;
  }

  bool bad_list() {
    bad_.id = "bought-list";
    if (!perform(bad_, {bad_.id, "bad-list.toml", "bad-list.csv", kBadRows})) return false;
    show_trip(out_, bad_.job);
    return true;
  }

  bool perform(Act& act, const Script& script) {
    const auto submitted = submit(stage_->session(), script);
    if (!submitted) return complain(submitted.error()), false;
    pushed_ += static_cast<std::int64_t>(submitted->rows);
    show_submitted(out_, script, *submitted);
    if (!follow(act)) return false;
    auto report = read_report(*stage_, act.id, act.job.number("chunks"));
    if (!report) return complain(report.error()), false;
    act.report = std::move(*report);
    return true;
  }

  // Until the job is over, or stopped with nothing of it on the wire.
  bool follow(Act& act) {
    LiveLine line(out_, STDOUT_FILENO, kBetweenLines);
    Meter all;
    std::vector<Meter> meters(stage_->receivers().size());
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(60 + rows_ / 200);
    for (;;) {
      if (interrupt_.wait(kTick)) return complain({Scope::kProcess, "demo", "interrupted"}), false;
      const auto now = std::chrono::steady_clock::now();
      auto job = stage_->session().load_job(act.id);
      if (!job) return complain(job.error()), false;
      act.job = std::move(*job);
      all.measure(act.job.number("delivered") + act.job.number("bounced"), now);
      for (std::size_t i = 0; i < meters.size(); ++i)
        meters[i].measure(accepted_by(stage_->receivers()[i]), now);
      if (is_over(act.job)) {
        line.end(Progress::of(act.job));
        act.rates.all = all.rate();
        for (const Meter& meter : meters) act.rates.by_receiver.push_back(meter.rate());
        return true;
      }
      if (act.job.exists()) line.show(Progress::of(act.job));
      if (now > give_up) {
        line.end(Progress::of(act.job));
        return complain({Scope::kJob, "demo", act.id + " does not end; see " + stage_->log_file()}),
               false;
      }
    }
  }

  static bool is_over(const store::JobView& job) {
    const std::string state = job.text("state");
    if (state == "done" || state == "cancelled") return true;
    return (state == "tripped" || state == "paused") && job.number("in_flight") == 0 &&
           job.number("claimed") == 0 && job.number("in_doubt") == 0;
  }

  Json summary(bool agreed) const {
    Json jobs = Json::array();
    for (const Act* act : {&good_, &bad_}) {
      const Tally tally = counters_of(act->job);
      jobs.push(Json::object(
          {{"id", Json::string(act->id)},
           {"state", Json::string(act->job.text("state"))},
           {"total", json_number(act->job.number("total"))},
           {"delivered", json_number(tally.delivered)},
           {"bounced", json_number(tally.bounced)},
           {"invalid", json_number(tally.invalid)},
           {"duplicate", json_number(tally.duplicate)},
           {"waiting", json_number(tally.waiting)},
           {"charged_micro_yuan", json_number(act->job.number("charged_micro_yuan"))}}));
    }
    Json checks = Json::array();
    for (const Check& check : checks_)
      checks.push(Json::object({{"what", Json::string(check.what)},
                                {"numbers", Json::string(check.numbers)},
                                {"agrees", Json::boolean(check.agrees)}}));
    return Json::object({{"agrees", Json::boolean(agreed)},
                         {"jobs", std::move(jobs)},
                         {"checks", std::move(checks)}});
  }

  // Reads every book; the ledger is rolled up within a second, so it may need a moment.
  bool compare() {
    const auto give_up = std::chrono::steady_clock::now() + kSettlePatience;
    for (;;) {
      auto ledger = stage_->session().run(stage_->session().money().ledger(kTenant));
      if (!ledger) return complain(ledger.error()), false;
      auto billing = scrape_billing(stage_->http_port(), kTenant);
      if (!billing) return complain(billing.error()), false;
      checks_ = make_checks(*stage_, Books{.pushed = pushed_,
                                           .jobs = {good_.job, bad_.job},
                                           .reports = {good_.report, bad_.report},
                                           .ledger = *ledger,
                                           .billing = *billing});
      if (all_agree(checks_) || std::chrono::steady_clock::now() > give_up) {
        show_bill(out_, *ledger);
        return true;
      }
      if (interrupt_.wait(kTick)) return complain({Scope::kProcess, "demo", "interrupted"}), false;
    }
  }

  std::uint64_t rows_;
  bool keep_;
  bool json_;
  std::ostream silent_{nullptr};
  std::ostream& out_;    // what people read
  Interrupt interrupt_;  // before any thread is born
  std::unique_ptr<Stage> stage_;
  std::int64_t pushed_ = 0;
  Act good_;
  Act bad_;
  std::vector<Check> checks_;
};

}  // namespace

void add_demo(CLI::App& app, int& exit_code) {
  struct Options {
    std::uint64_t rows = 10'000;
    bool keep = false;
    bool json = false;
  };
  const auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("demo", "The whole system on loopback: a campaign, its bill, a bad list");
  command->add_option("-n", options->rows, "recipients")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  command->add_flag("--keep", options->keep, "keep everything running until Ctrl-C");
  command->add_flag("--json", options->json, "the result as one JSON object, and nothing else");
  command->footer("Example:\n  hongyan demo -n 1000 --keep");
  command->callback([options, &exit_code] {
    exit_code = Play(options->rows, options->keep, options->json).run();
  });
}

}  // namespace hongyan::cli
