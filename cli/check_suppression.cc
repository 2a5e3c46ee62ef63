#include "cli/check_suppression.h"

#include "cli/output.h"
#include "store/suppression.h"

#include <algorithm>

namespace hongyan::cli {
namespace {

constexpr std::size_t kAtATime = 1000;

}  // namespace

void check_suppression(Session& session, const std::string& tenant,
                       const check::AddressSample& sample, CheckReport& report) {
  check::Suppressed suppressed;
  store::SuppressionStore store(session.jobs());
  const auto& all = sample.addresses();
  for (std::size_t from = 0; from < all.size(); from += kAtATime) {
    const auto begin = all.begin() + static_cast<std::ptrdiff_t>(from);
    const auto count = std::min(kAtATime, all.size() - from);
    const auto found = session.run(store.find(
        tenant, std::vector<std::string>(begin, begin + static_cast<std::ptrdiff_t>(count))));
    if (!found)
      return report.findings.add("not-checked",
                                 "how much of the list is suppressed: " + found.error().detail);
    suppressed.asked += count;
    for (const auto& entry : *found)
      if (entry) ++suppressed.found, ++suppressed.reasons[entry->reason];
  }
  check::check_suppressed(suppressed, sample.seen(), report.findings);
  const auto number = [](std::size_t n) { return json_number(static_cast<std::int64_t>(n)); };
  Json reasons = Json::object();
  for (const auto& [reason, count] : suppressed.reasons) reasons.set(reason, number(count));
  report.sections.set("suppressed", Json::object({{"asked", number(suppressed.asked)},
                                                  {"found", number(suppressed.found)},
                                                  {"reasons", std::move(reasons)}}));
}

}  // namespace hongyan::cli
