#include "cli/variants.h"

#include "base/text.h"
#include "engine/core/job_message.h"
#include "store/keys.h"

#include <algorithm>

namespace hongyan::cli {
namespace {

using redis::Command;

constexpr std::uint64_t kChunksATrip = 512;
constexpr std::string_view kWaiting = "qwcfud";

}  // namespace

std::vector<std::string> variants_of(const store::JobView& job) {
  const std::string names = job.text("variants");
  std::vector<std::string> variants;
  if (!names.empty())
    for (const std::string_view name : split(names, ',')) variants.emplace_back(name);
  return variants;
}

Result<std::vector<VariantCounts>> count_variants(Session& session, const std::string& id,
                                                  const store::JobView& job) {
  std::vector<VariantCounts> counts;
  for (std::string& name : variants_of(job)) counts.push_back({std::move(name)});
  if (counts.empty()) return counts;
  const auto chunks = static_cast<std::uint64_t>(job.number("chunks"));
  for (std::uint64_t first = 0; first < chunks; first += kChunksATrip) {
    const std::uint64_t last = std::min(first + kChunksATrip, chunks);
    std::vector<Command> commands;
    for (std::uint64_t n = first; n < last; ++n)
      commands.push_back(Command("GET").arg(store::keys::states(id, n)));
    auto states = session.pipeline(std::move(commands));
    if (!states) return std::unexpected(states.error());
    for (std::uint64_t n = first; n < last; ++n) {
      const std::string_view bytes = (*states)[n - first].text();
      for (std::uint32_t index = 0; index < bytes.size(); ++index) {
        VariantCounts& one = counts[engine::variant_of(n, index, counts.size())];
        ++one.recipients;
        one.delivered += bytes[index] == 'D';
        one.bounced += bytes[index] == 'B';
        one.waiting += kWaiting.contains(bytes[index]);
      }
    }
  }
  return counts;
}

}  // namespace hongyan::cli
