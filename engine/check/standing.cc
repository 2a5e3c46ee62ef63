#include "engine/check/standing.h"

namespace hongyan::check {

std::string failure_of(const Result<dns::Answer>& answer) {
  if (!answer) return answer.error().detail;
  if (answer->rcode == dns::Rcode::kNoError || answer->rcode == dns::Rcode::kNxDomain) return {};
  return "the name server answered with a failure";
}

}  // namespace hongyan::check
