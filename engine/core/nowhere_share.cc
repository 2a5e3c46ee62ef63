#include "engine/core/nowhere_share.h"

#include "engine/core/chunk.h"

#include <algorithm>
#include <limits>
#include <string_view>

namespace hongyan::engine {

void NowhereShare::add_claimed(const std::string& group, std::size_t recipients) {
  if (recipients == 0) return;
  Stratum& stratum = strata_[group];
  ++stratum.chunks;
  stratum.seen += recipients;
}

void NowhereShare::add_nowhere(const std::string& group) {
  Stratum& stratum = strata_[group];
  stratum.nowhere = std::min(stratum.nowhere + 1, stratum.seen);
}

double NowhereShare::share(std::span<const DueGroup> due) const {
  std::map<std::string_view, double> chunks_due;
  for (const DueGroup& group : due) chunks_due[group.id] = static_cast<double>(group.due);
  double all = 0;
  double nowhere = 0;
  for (const auto& [id, stratum] : strata_) {
    if (stratum.seen == 0) continue;
    const double seen = static_cast<double>(stratum.seen);
    const auto more = chunks_due.extract(id);
    const double chunks = static_cast<double>(stratum.chunks) + (more ? more.mapped() : 0);
    const double size = seen / static_cast<double>(stratum.chunks) * chunks;
    all += size;
    nowhere += size * static_cast<double>(stratum.nowhere) / seen;
  }
  for (const auto& [id, chunks] : chunks_due) all += chunks * static_cast<double>(kChunkRecipients);
  return all > 0 ? nowhere / all : 0;
}

std::size_t NowhereShare::allowance(double share, std::size_t answered) {
  if (share >= 1) return std::numeric_limits<std::size_t>::max();
  return static_cast<std::size_t>(static_cast<double>(answered) * share / (1 - share));
}

}  // namespace hongyan::engine
