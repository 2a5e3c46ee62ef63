// A policy file from any web server: a policy that is taken says how long it holds and for whom.
#include "dns/sts.h"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hongyan;
  const auto policy = dns::parse_sts_policy({reinterpret_cast<const char*>(data), size});
  if (!policy) return 0;
  if (policy->max_age < std::chrono::seconds(0) || policy->max_age > dns::kMaxStsAge) std::abort();
  if (policy->mode != dns::StsPolicy::Mode::kNone && policy->mx.empty()) std::abort();
  for (const std::string& mx : policy->mx)
    if (!mx.starts_with('*') && !dns::is_sts_host(*policy, mx)) std::abort();
  return 0;
}
