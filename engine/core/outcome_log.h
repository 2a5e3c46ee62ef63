#pragma once

#include "base/clock.h"

#include <string>
#include <string_view>

namespace hongyan::engine {

// One line per outcome, in fixed key order, with the four delays (as Postfix' delays=a/b/c/d):
// waited for a turn / for a token and a connection / connected / transacted, in seconds.
struct OutcomeLine {
  WallTime at;
  std::string_view job;
  std::string_view ref;  // identity::recipient_ref()
  std::string_view tenant, channel, source, provider;
  std::string_view recipient;
  std::string_view outcome;  // delivered, bounced, deferred, in_doubt, expired
  int attempt = 1;
  std::string_view host;
  double delays[4] = {0, 0, 0, 0};
  std::string_view reply;
};

// Buffered writer of outcome lines on standard error: a system call per some hundred lines.
//
// Owner: Worker, one each. Thread: its own. Lines are whole: several writers may share the stream.
class OutcomeLog {
 public:
  explicit OutcomeLog(bool enabled) : enabled_(enabled) {}
  ~OutcomeLog() { flush(); }

  void write(const OutcomeLine& line);
  // Call when idle and at least once a second.
  void flush();

 private:
  bool enabled_;
  std::string buffer_;
};

}  // namespace hongyan::engine
