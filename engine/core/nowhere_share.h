#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>

namespace hongyan::engine {

// Chunks of one group that can be claimed now, as the last look at the job saw them.
struct DueGroup {
  std::string id;
  std::string domain;  // "*": mixed
  std::int64_t due = 0;
};

// How many of a job's recipients have a domain that takes no mail, as far as one worker can see.
//
// Such a recipient is known to be bad as soon as its domain is looked up, a good one only when its
// receiver has answered, and a dead domain's recipients come in chunks of their own. Settled as
// they are found they would tell the breaker of a far worse list than it is. So they are bounced
// in the proportion in which the list holds them: each group is a stratum, what was claimed of it
// is the sample, what is due of it is the rest.
//
// Thread: the worker's.
class NowhereShare {
 public:
  // A chunk of `group` with so many recipients that were never tried.
  void add_claimed(const std::string& group, std::size_t recipients);
  void add_nowhere(const std::string& group);
  // 0 to 1, the more exact the more of the list was claimed; a group of which nothing was counts
  // as good. Costs a walk over all groups.
  double share(std::span<const DueGroup> due) const;
  // How many may have been bounced after so many others had their first answer.
  static std::size_t allowance(double share, std::size_t answered);

 private:
  struct Stratum {
    std::size_t chunks = 0;
    std::size_t seen = 0;
    std::size_t nowhere = 0;
  };
  std::map<std::string, Stratum> strata_;
};

}  // namespace hongyan::engine
