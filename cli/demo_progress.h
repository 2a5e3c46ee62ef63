#pragma once

#include "base/clock.h"
#include "store/job_store.h"

#include <cstdint>
#include <optional>
#include <ostream>
#include <string>

namespace hongyan::cli {

// How far a job is, on one line: rewritten in place on a terminal, otherwise a new line a second.
//
//   running  ━━━━━━━━━━━━────────  6,120/10,000  4,211/s  0.81 % bad of 3 %  ¥42.35
class LiveLine {
 public:
  LiveLine(std::ostream& out, bool terminal) : out_(out), terminal_(terminal) {}

  void show(const store::JobView& job, SteadyTime now);
  // Leaves the last line standing.
  void end(const store::JobView& job, SteadyTime now);

  // Messages a second while anything moved.
  double rate() const;

 private:
  void measure(const store::JobView& job, SteadyTime now);
  std::string line(const store::JobView& job) const;

  std::ostream& out_;
  bool terminal_;
  std::optional<SteadyTime> measured_;
  SteadyTime printed_{};
  std::int64_t done_ = 0;
  std::chrono::duration<double> busy_{0};
};

// Recipients in a final state.
std::int64_t finished(const store::JobView& job);

}  // namespace hongyan::cli
