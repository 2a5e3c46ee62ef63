#pragma once

#include "cli/session.h"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace hongyan::cli {

// Names of a job's templates when it has several.
std::vector<std::string> variants_of(const store::JobView& job);

// How the recipients of one template fare.
struct VariantCounts {
  std::string name;
  std::int64_t recipients = 0;
  std::int64_t delivered = 0;
  std::int64_t bounced = 0;
  std::int64_t waiting = 0;
};
// Counts the states of all recipients; nothing without variants.
Result<std::vector<VariantCounts>> count_variants(Session& session, const std::string& id,
                                                  const store::JobView& job);

}  // namespace hongyan::cli
