#include "store/commit_batch.h"

#include "store/keys.h"

#include <algorithm>
#include <numeric>
#include <tuple>

namespace hongyan::store {

CommitCommand build_commit(std::string_view job_id, std::string_view engine, const BillingDay& day,
                           const std::vector<Step>& steps) {
  CommitCommand built{redis::Command("FCALL"), std::vector<std::size_t>(steps.size())};
  std::iota(built.order.begin(), built.order.end(), std::size_t{0});
  std::ranges::sort(built.order, {},
                    [&](std::size_t i) { return std::tuple(steps[i].chunk, steps[i].epoch, i); });
  redis::Command& command = built.command;
  command.reserve(256 + steps.size() * 160);
  command.arg("h1_commit").arg(1).arg(keys::job(job_id));
  command.arg(engine).arg(day.today).arg(day.ends_ms).arg(day.tomorrow);
  for (std::size_t at = 0; at < built.order.size();) {
    const Step& first = steps[built.order[at]];
    std::size_t end = at;
    while (end < built.order.size() && steps[built.order[end]].chunk == first.chunk &&
           steps[built.order[end]].epoch == first.epoch)
      ++end;
    command.arg(first.chunk).arg(first.epoch).arg(end - at);
    for (; at < end; ++at) {
      const Step& step = steps[built.order[at]];
      if (step.mark) {
        command.arg("m").arg(step.index).arg(step.retry ? 1 : 0);
      } else {
        const char outcome = static_cast<char>(step.settlement);
        const char evidence = static_cast<char>(step.evidence);
        const bool suppresses = !step.suppression.empty();
        const bool tells = suppresses || !step.event.empty();
        command.arg(suppresses ? "x"
                    : tells    ? "e"
                               : "s")
            .arg(step.index)
            .arg(std::string_view(&outcome, 1));
        command.arg(std::string_view(&evidence, 1)).arg(step.wait).arg(step.result);
        if (tells) command.arg(step.event);
        if (suppresses) command.arg(step.suppression);
      }
    }
  }
  return built;
}

CommitAnswer parse_commit_answer(const redis::Reply& reply) {
  return {std::string(reply[0].text()), reply[1].integer(), reply[2].integer(),
          std::string(reply[3].text()), std::string(reply[4].text())};
}

}  // namespace hongyan::store
