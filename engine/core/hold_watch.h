#pragma once

#include "store/hold.h"

#include <cstdint>
#include <optional>
#include <string>

namespace hongyan::engine {

// Whether sending is held, and whether Redis still remembers what this engine told it.
//
// A Redis that was restored from a copy, or lost and begun anew, knows less than the world: jobs
// would be sent again from where the copy stood. The witness is the engine's own heartbeat, written
// each second: when it is older than a crash can explain, or gone, the engine sets the hold and
// must start anew, for nothing it has in memory belongs to that past.
//
// Owner: Supervisor. Thread: the control thread.
class HoldWatch {
 public:
  HoldWatch(store::JobStore& store, std::string engine);

  // Once a second, and first of all after another Redis answered; before the heartbeat is written.
  async::Task<> look();
  // Redis has acknowledged the heartbeat of this moment.
  void wrote(std::int64_t at_ms) { written_ms_ = at_ms; }
  // The Redis that answers now has been looked at.
  bool knows_redis() const;

  // Not before the first look.
  bool may_send() const { return looked_ && !hold_ && gone_back_.empty(); }
  const std::optional<store::Hold>& hold() const { return hold_; }
  // Empty, or why this engine must end: a sentence.
  const std::string& gone_back() const { return gone_back_; }

 private:
  std::string now_answers() const;
  async::Task<bool> compare();

  store::JobStore& store_;
  std::string engine_;
  std::string run_;  // of the Redis that was looked at
  std::int64_t written_ms_ = 0;
  bool looked_ = false;
  std::optional<store::Hold> hold_;
  std::string gone_back_;
};

}  // namespace hongyan::engine
