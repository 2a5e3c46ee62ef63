#pragma once

#include "base/clock.h"
#include "store/job_store.h"

#include <cstdint>
#include <optional>
#include <ostream>
#include <string>

namespace hongyan::cli {

// The speed of something that is counted, over the time in which it moved: the wait for a retry
// does not make a receiver slow.
class Meter {
 public:
  void measure(std::int64_t count, SteadyTime now);
  double rate() const;

 private:
  std::optional<SteadyTime> measured_;
  std::int64_t first_ = 0;
  std::int64_t count_ = 0;
  std::chrono::duration<double> busy_{0};
};

// How far a job is, on one line: rewritten in place on a terminal, otherwise a new line a second.
//
//   running  ━━━━━━━━━━━━────────  6,120/10,000  4,211/s  0.81 % bad of 3 %  ¥42.35
class Progress {
 public:
  Progress(std::ostream& out, bool terminal) : out_(out), terminal_(terminal) {}

  void show(const store::JobView& job, SteadyTime now);
  // Leaves the last line standing.
  void end(const store::JobView& job, SteadyTime now);

  // Messages answered for good a second, while there were any.
  double rate() const { return meter_.rate(); }

 private:
  void measure(const store::JobView& job, SteadyTime now);
  std::string line(const store::JobView& job) const;

  std::ostream& out_;
  bool terminal_;
  Meter meter_;
  SteadyTime printed_{};
};

// Recipients in a final state.
std::int64_t finished(const store::JobView& job);

}  // namespace hongyan::cli
