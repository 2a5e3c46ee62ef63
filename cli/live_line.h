#pragma once

#include "base/clock.h"
#include "cli/progress.h"

#include <deque>
#include <ostream>

namespace hongyan::cli {

// A job's progress on one line: on a terminal it redraws itself, elsewhere a new line now and then.
class LiveLine {
 public:
  // `fd` is what `out` writes to; `between` is the time between lines that stay.
  LiveLine(std::ostream& out, int fd, Millis between);

  void show(const Progress& now);
  // Leaves the last line standing.
  void end(const Progress& now);

 private:
  void keep(const Progress& now);
  void print(const Progress& now);

  std::ostream& out_;
  int fd_;
  bool terminal_;
  Millis between_;
  std::deque<Progress> past_;  // of the last seconds, for messages per second
  SteadyTime printed_{};
};

}  // namespace hongyan::cli
