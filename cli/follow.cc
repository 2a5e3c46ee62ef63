#include "cli/follow.h"

#include "cli/live_line.h"
#include "cli/output.h"

#include <iostream>
#include <thread>
#include <unistd.h>

namespace hongyan::cli {
namespace {

constexpr Millis kRound{250};
constexpr Millis kBetweenLines{5000};

void print_progress_json(const std::string& job, const Progress& p, const store::JobView& view) {
  Json object = Json::object({{"job", Json::string(job)},
                              {"state", Json::string(p.state)},
                              {"reason", Json::string(p.reason)},
                              {"total", json_number(p.total)}});
  for (const auto name : kWaitingStates)
    object.set(std::string(name), json_number(view.number(name)));
  for (const auto name : kFinalStates)
    object.set(std::string(name), json_number(view.number(name)));
  object.set("charged_micro_yuan", json_number(p.charged.value));
  print_json(object);
}

void print_end(const std::string& id, const Progress& p, const store::JobView& view) {
  std::cout << id << ": " << p.state << (p.reason.empty() ? "" : ": " + p.reason) << ", "
            << with_commas(p.delivered) << " of " << with_commas(p.total) << " delivered, cost "
            << yuan(p.charged) << '\n';
  if (const std::string next = next_step(id, view); !next.empty())
    std::cout << "next: " << next << '\n';
  std::cout.flush();
}

}  // namespace

int follow(Session& session, const std::string& job, const Common& common) {
  LiveLine line(std::cerr, STDERR_FILENO, kBetweenLines);
  for (std::uint64_t round = 0;; ++round) {
    auto view = session.load_job(job);
    if (!view) {
      // Redis restarts now and then; whoever follows a job of hours does not want to start anew.
      if (report_error(view.error(), common) != kTryLater) return kFailed;
      std::this_thread::sleep_for(Millis{1000});
      continue;
    }
    const Progress now = Progress::of(*view);
    const bool over = now.ended() || now.stuck() || !view->exists();
    if (common.json) {
      if (over || round % 4 == 0) print_progress_json(job, now, *view);
    } else if (over) {
      line.end(now);
    } else {
      line.show(now);
    }
    if (over) {
      if (!common.json) print_end(job, now, *view);
      return now.state == "done" ? kDone : kFailed;
    }
    std::this_thread::sleep_for(kRound);
  }
}

}  // namespace hongyan::cli
