#include "dns/cache.h"

#include <algorithm>

namespace hongyan::dns {

std::chrono::seconds lifetime(const Answer& answer, const TtlBounds& bounds) {
  if (answer.rcode != Rcode::kNoError && answer.rcode != Rcode::kNxDomain) return bounds.failure;
  const bool positive = answer.has_records();
  const auto said = answer.ttl ? std::chrono::seconds{*answer.ttl} : bounds.without_soa;
  return std::clamp(said, bounds.least,
                    std::max(bounds.least, positive ? bounds.most : bounds.most_negative));
}

}  // namespace hongyan::dns
